"""How flash sales stand, for many who ask often: read from the claim cache, or from SQL if a sale is not in it."""

import asyncio
from collections.abc import Sequence
from functools import partial

from subgraphs.contracts.command import MAX_ID
from subgraphs.contracts.stock import SaleNumbers, SaleNumbersRequest
from subgraphs.kit.batching import Batcher
from subgraphs.kit.short_cache import ShortCache
from subgraphs.stock.claims.cache import ClaimCache
from subgraphs.stock.claims.cache_filler import CacheFiller
from subgraphs.stock.claims.clock import DatabaseClock
from subgraphs.stock.sales.service import Sales
from subgraphs.stock.status.domain import SaleStatus

REMEMBERED_SECONDS = 0.2
REMEMBERED_SALES = 1000


class SaleStatuses:
    """Tells how sales stand. Numbers may be a moment old: only an attempt to claim is decided exactly."""

    def __init__(
        self, sales: Sales, cache: ClaimCache, cache_filler: CacheFiller, clock: DatabaseClock, batch_size: int
    ) -> None:
        self._sales = sales
        self._cache = cache
        self._cache_filler = cache_filler
        self._clock = clock
        self._recent = ShortCache[str, SaleStatus | None](REMEMBERED_SECONDS, REMEMBERED_SALES)
        self._reads: Batcher[str, SaleStatus | None] = Batcher("sale status", self.read, batch_size)

    async def recent(self, sale_id: str) -> SaleStatus | None:
        """A sale as it stood at most `REMEMBERED_SECONDS` ago; None if there is none with this id."""
        if len(sale_id) > MAX_ID:  # nobody has it, and it would only fill the memory
            return None
        return await self._recent.one(sale_id, partial(self._reads, sale_id))

    async def read(self, sale_ids: list[str]) -> Sequence[SaleStatus | None]:
        """Sales as they stand now, in order."""
        wanted = list(dict.fromkeys(sale_ids))
        found = await self._cached(wanted)
        if missing := [sale_id for sale_id in wanted if sale_id not in found]:
            found |= await self._stored(missing)
        return [found.get(sale_id) for sale_id in sale_ids]

    async def numbers(self, requests: list[SaleNumbersRequest]) -> list[SaleNumbers]:
        """`read` for peers."""
        statuses = await self.read([request.sale_id for request in requests])
        return [_numbers(status) for status in statuses]

    async def _cached(self, sale_ids: list[str]) -> dict[str, SaleStatus]:
        """The statuses of the sales that are in the cache."""
        now = self._clock.bounds()
        if now is None:
            return {}
        found = await asyncio.gather(*[self._cache.read(sale_id) for sale_id in sale_ids])
        return {sale.sale.id: SaleStatus.of(sale.sale_at(now)) for sale in found if sale is not None}

    async def _stored(self, sale_ids: list[str]) -> dict[str, SaleStatus]:
        """The statuses in SQL. Sales that are not over are filled into the cache, for the next time."""
        found = {sale.id: SaleStatus.of(sale) for sale in await self._sales.by_ids(sale_ids) if sale is not None}
        self._cache_filler.fill_soon([sale_id for sale_id, status in found.items() if not status.is_over])
        return found


def _numbers(status: SaleStatus | None) -> SaleNumbers:
    if status is None:
        return SaleNumbers(found=False)
    return SaleNumbers(
        found=True,
        version=status.version,
        state=status.state.value,
        remaining=status.remaining,
        units=status.units,
    )
