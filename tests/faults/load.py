"""The load during fault injection: customers that shop at random and record the outcomes."""

import asyncio
from random import Random

from tests.clients import Viewers
from tests.faults.customer import Customer
from tests.faults.shop import RetryingClient, Shelf

AT_ONCE = 6
ACTS = 12
RESTOCK_SECONDS = 3


class Load:
    """Customers that shop from `start` to `stop`."""

    def __init__(
        self, line: RetryingClient, shelf: Shelf, viewers: Viewers, rng: Random, at_once: int = AT_ONCE
    ) -> None:
        self.customers: list[Customer] = []
        self._line = line
        self._shelf = shelf
        self._viewers = viewers
        self._rng = rng
        self._at_once = at_once
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._come_and_go()) for _ in range(self._at_once)]
        self._tasks.append(asyncio.create_task(self._restock()))

    async def stop(self) -> None:
        """Returns once every customer knows the outcome of each of its requests."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)

    async def _come_and_go(self) -> None:
        while not self._stopping.is_set():
            customer = Customer(await self._viewers.user(), self._line, self._shelf, Random(self._rng.random()))
            self.customers.append(customer)
            await customer.live(ACTS, self._stopping)

    async def _restock(self) -> None:
        while not self._stopping.is_set():
            await self._shelf.replenish()
            await asyncio.sleep(RESTOCK_SECONDS)
