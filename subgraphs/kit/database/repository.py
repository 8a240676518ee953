"""The base of every repository."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.database.columns import utc_now


def table_of(model: type[Any]) -> Table:
    """The table of a mapped class. Statements of tables cost less than those of classes: use them on hot paths."""
    return cast(Table, inspect(model).local_table)


class Repository:
    """SQL within a session that the caller, a service, opens and ends."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def now(self) -> datetime:
        """The time by the database's clock."""
        now: datetime | None = await self._session.scalar(select(utc_now()))
        assert now is not None
        return now
