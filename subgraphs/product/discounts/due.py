"""Ends discounts on time: before anything is read, whoever reads it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from math import inf

from subgraphs.kit.database.database import Database
from subgraphs.product.discounts.repository import DiscountRepository

EndDue = Callable[[], Awaitable[None]]
"""Ends the discounts that are due."""


class DueDiscounts:
    """Knows when the next discount ends, so that no read goes past it.

    Prices in lists are columns that lists are filtered and sorted by: these change first. `watch` runs each second,
    and hears of discounts that other processes have set.
    """

    def __init__(self, database: Database, end_due: EndDue) -> None:
        self._database = database
        self._end_due = end_due
        self._next = -inf
        self._ending = asyncio.Lock()

    async def end(self) -> None:
        """Returns when no discount is past its end. Costs nothing until one is."""
        if self._is_due():
            async with self._ending:
                if self._is_due():  # unless another request was first
                    await self.watch()

    async def watch(self) -> None:
        """Ends what is due, and learns what is next."""
        self._next = await self._read()
        if self._is_due():
            await self._end_due()
            self._next = await self._read()

    def _is_due(self) -> bool:
        return self._next <= time.monotonic()

    async def _read(self) -> float:
        """When the next discount ends, by this process's clock, or a moment earlier."""
        asked_at = time.monotonic()
        async with self._database.reading() as session:
            ends_at, now = await DiscountRepository(session).next_end()
        return inf if ends_at is None else asked_at + (ends_at - now).total_seconds()
