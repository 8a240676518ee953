"""Keeps the board: fills it from SQL where it is missing, and again where it does not agree with SQL."""

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
from subgraphs.stock.holds.repository import StockRepository
from subgraphs.stock.sales.repository import SaleRepository

SOON = timedelta(minutes=1)


class CacheFiller:
    """Every process keeps the board; of those that would fill a sale in at once, one does."""

    def __init__(self, database: Database, board: ClaimCache, clock: DatabaseClock) -> None:
        self._database = database
        self._board = board
        self._clock = clock
        self._filling: dict[str, asyncio.Task[None]] = {}
        self._differences: dict[str, tuple[int, int]] = {}

    def fill_soon(self, sale_ids: Iterable[str]) -> None:
        """Has those of the sales filled in, beside what goes on, that the board does not have."""
        for sale_id in sale_ids:
            if not self._board.is_ready(sale_id) and sale_id not in self._filling:
                # In a context of its own: this is background work, not the request's that asks for it.
                task = asyncio.create_task(self._try_to_fill(sale_id), context=Context())
                self._filling[sale_id] = task
                task.add_done_callback(lambda _, done=sale_id: self._filling.pop(done))  # type: ignore[misc]

    async def reconcile(self) -> None:
        """Measures the clock, and compares the board with SQL for every sale that runs or is about to."""
        async with self._database.reading() as session:
            moment = await self._clock.measure(StockRepository(session).now)
        async with self._database.reading() as session:
            sales = await SaleRepository(session).between(moment, moment + SOON)
        differences = {}
        for sale in sales:
            view = await self._board.view(sale.id)
            taken = sale.units - sale.remaining
            if view is None or view.sale.cancelled_at != sale.cancelled_at:
                await self._fill(sale.id)
            elif view.taken != taken:
                differences[sale.id] = (view.taken, taken)
        # Claims that were under way between the two readings make a difference that is gone the next time.
        for sale_id, difference in differences.items():
            if self._differences.get(sale_id) == difference:
                await self._fill(sale_id)
        self._differences = differences

    async def _try_to_fill(self, sale_id: str) -> None:
        try:
            await self._fill(sale_id)
        except Exception as error:
            telemetry.failed("fill the board", error)

    async def _fill(self, sale_id: str) -> None:
        token = new_id()
        try:
            if not await self._board.begin(sale_id, token):
                return
            async with self._database.reading() as session:
                sale = (await SaleRepository(session).sales([sale_id])).get(sale_id)
                if sale is None:
                    return
                async for claims in ClaimRepository(session).live(sale_id):
                    await self._board.fill(sale_id, token, claims)
            await self._board.install(sale, token)
        except RedisUnavailable:
            return  # SQL decides until it is back
