"""Work that falls due at times that the database knows."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from subgraphs.kit import telemetry
from subgraphs.kit.database.database import Database


@dataclass(frozen=True)
class Work:
    """A job that is worth running when an SQL condition holds."""

    name: str
    is_due: ColumnElement[bool]
    run: Callable[[], Awaitable[object]]


class DueWork:
    """Several jobs. One statement finds out which of them are due."""

    def __init__(self, database: Database, *works: Work) -> None:
        self._database = database
        self._works = works
        for work in works:
            telemetry.may_fail(work.name)
        self._conditions = select(*[work.is_due.label(f"due_{number}") for number, work in enumerate(works)])

    async def do(self) -> None:
        """Runs what is due. A job that fails is logged, and the others run all the same."""
        async with self._database.reading() as session:
            due = (await session.execute(self._conditions)).one()
        for work, is_due in zip(self._works, due, strict=True):
            if is_due:
                try:
                    await work.run()
                except Exception as error:
                    telemetry.failed(work.name, error)
