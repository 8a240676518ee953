"""Fills the claim cache from SQL: sales that it lacks, and sales on which it does not agree with SQL."""

import asyncio
from collections.abc import Iterable
from contextvars import Context
from datetime import timedelta

from subgraphs.kit import telemetry
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import Database
from subgraphs.kit.redis.circuit_breaker import RedisUnavailable
from subgraphs.stock.claims.cache import ClaimCache
from subgraphs.stock.claims.clock import DatabaseClock
from subgraphs.stock.claims.repository import ClaimRepository
from subgraphs.stock.sales.service import Sales

SOON = timedelta(minutes=1)


class CacheFiller:
    """Runs in every process. When several would fill a sale in at once, one does."""

    def __init__(self, database: Database, sales: Sales, cache: ClaimCache, clock: DatabaseClock) -> None:
        self._database = database
        self._sales = sales
        self._cache = cache
        self._clock = clock
        self._token = new_id()
        self._filling: dict[str, asyncio.Task[None]] = {}
        self._turn = asyncio.Lock()
        self._differences: dict[str, tuple[int, int]] = {}

    def fill_soon(self, sale_ids: Iterable[str]) -> None:
        """Starts to fill in those of the sales that the cache lacks, in the background."""
        for sale_id in sale_ids:
            if not self._cache.is_ready(sale_id) and sale_id not in self._filling:
                # Run in a fresh context, so that logs do not carry the caller's request id.
                task = asyncio.create_task(self._try_to_fill(sale_id), context=Context())
                self._filling[sale_id] = task
                task.add_done_callback(lambda _, done=sale_id: self._filling.pop(done))  # type: ignore[misc]

    async def reconcile(self) -> None:
        """Measures the clock, and compares the cache with SQL for every sale that runs or is about to."""
        async with self._database.reading() as session:
            now = await self._clock.measure(ClaimRepository(session).now)
        differences = {}
        for sale in await self._sales.between(now, now + SOON):
            cached = await self._cache.read(sale.id)
            taken = sale.units - sale.remaining
            if cached is None or cached.sale.cancelled_at != sale.cancelled_at:
                await self._fill(sale.id)
            elif cached.taken != taken:
                differences[sale.id] = (cached.taken, taken)
        # A claim made between the two readings causes a difference too, but not the same one twice.
        for sale_id, difference in differences.items():
            if self._differences.get(sale_id) == difference:
                await self._fill(sale_id)
        self._differences = differences

    async def _try_to_fill(self, sale_id: str) -> None:
        try:
            await self._fill(sale_id)
        except Exception as error:
            telemetry.failed("fill the claim cache", error)

    async def _fill(self, sale_id: str) -> None:
        async with self._turn:  # one at a time, since all have this process's token
            await self._fill_alone(sale_id, self._token)

    async def _fill_alone(self, sale_id: str, token: str) -> None:
        try:
            if not await self._cache.begin(sale_id, token):
                return
            sale = (await self._sales.by_ids([sale_id]))[0]
            if sale is None:
                return
            async with self._database.reading() as session:
                async for claims in ClaimRepository(session).live(sale_id):
                    await self._cache.stage(sale_id, token, claims)
            await self._cache.install(sale, token)
        except RedisUnavailable:
            return  # SQL decides until Redis is back
