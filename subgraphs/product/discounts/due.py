"""Ends discounts on time: before a list is read, whoever reads it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from math import inf

from subgraphs.kit.database.database import Database
from subgraphs.kit.short_cache import ShortCache
from subgraphs.product.discounts.repository import DiscountRepository

EndDue = Callable[[], Awaitable[None]]
"""Ends the discounts that are due."""


class DueDiscounts:
    """Remembers for `life` seconds when the next discount ends. With a `life` of 0 it asks the database each time.

    Prices in lists are columns that lists are filtered and sorted by, so nothing may be read past a discount's end
    before these columns have changed.
    """

    def __init__(self, database: Database, life: float, end_due: EndDue) -> None:
        self._database = database
        self._end_due = end_due
        self._next = ShortCache[None, float](life, 1)
        self._ending = asyncio.Lock()

    def clear(self) -> None:
        """Forgets when the next discount ends."""
        self._next.clear()

    async def end(self) -> None:
        """Returns when no discount is past its end."""
        if await self._is_due():
            async with self._ending:
                if await self._is_due():  # unless another request was first
                    await self._end_due()
                    self.clear()

    async def _is_due(self) -> bool:
        return await self._next.one(None, self._read) <= time.monotonic()

    async def _read(self) -> float:
        """When the next discount ends, by this process's clock, or a moment earlier."""
        asked_at = time.monotonic()
        async with self._database.reading() as session:
            ends_at, now = await DiscountRepository(session).next_end()
        return inf if ends_at is None else asked_at + (ends_at - now).total_seconds()
