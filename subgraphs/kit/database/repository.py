"""The base of every repository."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.database.columns import utc_now


class Repository:
    """SQL within a session that the caller, a service, opens and ends."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def now(self) -> datetime:
        """The time by the database's clock."""
        now: datetime | None = await self._session.scalar(select(utc_now()))
        assert now is not None
        return now
