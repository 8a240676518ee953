"""Ends discounts on time: a read that comes after the end of a discount first ends it."""

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

    Lists are filtered and sorted by columns with prices, so these have to change first. When a discount has ended,
    here or in another process, `forget` is called with its product: what is remembered has the old price.
    """

    def __init__(self, database: Database, end_due: EndDue, forget: Callable[[], None]) -> None:
        self._database = database
        self._end_due = end_due
        self._forget = forget
        self._next = -inf
        self._ending = asyncio.Lock()

    async def end(self) -> None:
        """Returns when no discount is past its end. Costs nothing until one is."""
        if self._is_due():
            async with self._ending:
                if self._is_due():  # unless another request was first
                    await self._end_due()
                    self._forget()
                    self._next = await self._read()

    async def watch(self) -> None:
        """Ends what is due, and learns of discounts that other processes have set. It runs each second."""
        await self.end()
        self._next = await self._read()

    def _is_due(self) -> bool:
        return self._next <= time.monotonic()

    async def _read(self) -> float:
        """When the next discount ends, by this process's clock, or a moment earlier."""
        asked_at = time.monotonic()
        async with self._database.reading() as session:
            ends_at, now = await DiscountRepository(session).next_end()
        return inf if ends_at is None else asked_at + (ends_at - now).total_seconds()
