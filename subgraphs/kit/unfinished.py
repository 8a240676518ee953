"""Sagas that have not ended, as a metric."""

from prometheus_client import Gauge
from sqlalchemy import Select, select

from subgraphs.kit.age import Age
from subgraphs.kit.database.database import Database

OLDEST = Gauge(
    "steampunk_oldest_saga_seconds", "Seconds since the oldest saga began that has not ended; 0 without one.", ["saga"]
)


class UnfinishedSagas:
    """Looks for the oldest of some sagas; `oldest` selects when it began, by the saga's name."""

    def __init__(self, database: Database, **oldest: Select[*tuple[object, ...]]) -> None:
        self._database = database
        self._ages = [Age(OLDEST.labels(saga)) for saga in oldest]
        self._query = select(*[one.scalar_subquery() for one in oldest.values()])

    async def look(self) -> None:
        async with self._database.reading() as session:
            begun = (await session.execute(self._query)).one()
        for age, since in zip(self._ages, begun, strict=True):
            age.since(since)
