"""Claims that change their state, in a transaction of the caller: their sales' units, their rows, the cache.

The cache is told before the commit. If the commit then fails, the cache knows less than SQL, which is safe.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.stock.claims.cache import ClaimCache
from subgraphs.stock.claims.domain import Claim, ClaimState, ClaimWithSale, movements_of
from subgraphs.stock.claims.repository import ClaimRepository
from subgraphs.stock.sales.service import Sales


class ClaimTransitions:
    """Takes claims into payments and out of them, sells them, and ends them."""

    def __init__(self, sales: Sales, cache: ClaimCache) -> None:
        self._sales = sales
        self._cache = cache

    async def lock(self, session: AsyncSession, ids: Collection[str]) -> dict[str, ClaimWithSale]:
        """Locks claims, but not their sales."""
        if not ids:
            return {}
        claims = ClaimRepository(session)
        found = await claims.by_ids(ids)
        locked = await claims.lock(ids)
        return {id: ClaimWithSale(claim=locked[id], sale=one.sale) for id, one in found.items()}

    async def enter(self, session: AsyncSession, payments: Mapping[str, str]) -> None:
        """Takes locked claims into payments: claim id -> payment id."""
        await ClaimRepository(session).enter(payments)

    async def leave(self, session: AsyncSession, claims: Sequence[Claim]) -> None:
        """Takes claims out of their payments; their users still hold them."""
        await ClaimRepository(session).leave([claim.id for claim in claims])

    async def sell(self, session: AsyncSession, claims: Sequence[Claim]) -> None:
        await self._sales.move(session, movements_of(claims, "sold"))
        await ClaimRepository(session).sell([claim.id for claim in claims])
        await self._cache.sell(claims)

    async def end(self, session: AsyncSession, claims: Sequence[Claim], state: ClaimState) -> None:
        """Sets claims RELEASED or EXPIRED: their units can be claimed again, also by the same users."""
        await self._sales.move(session, movements_of(claims, "remaining"))
        await ClaimRepository(session).end([claim.id for claim in claims], state)
        await self._cache.end(claims)
