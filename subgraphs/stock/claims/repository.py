"""SQL on claims. models.py states the lock order."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, insert, select, update
from sqlalchemy.orm import aliased

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.repository import Repository
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.stock import models
from subgraphs.stock.claims.columns import CLAIM
from subgraphs.stock.claims.domain import Attempt, Claim, ClaimState, ClaimWithSale, LockedSales
from subgraphs.stock.models import FlashSale, live_key
from subgraphs.stock.sales.columns import SALE

TAKE_BACK_BATCH = 500
READ_BATCH = 5000
WITH_SALE = select(CLAIM, SALE).join(FlashSale, FlashSale.id == models.Claim.sale_id)
NEWEST_FIRST = (SortKey(models.Claim.id.expression, lambda found: found.claim.id, descending=True),)


def _has_lapsed(claim: Any) -> ColumnElement[bool]:
    """`Claim.has_lapsed` in SQL."""
    return and_(claim.state == "HELD", claim.payment_id.is_(None), claim.expires_at <= utc_now())


LAPSED = _has_lapsed(models.Claim)
OTHER = aliased(models.Claim)
SALE_HAS_LAPSED = (
    select(OTHER.id)
    .where(OTHER.sale_id == FlashSale.id, _has_lapsed(OTHER))
    .correlate(FlashSale)
    .exists()
    .label("has_lapsed")
)


class ClaimRepository(Repository):
    """Claims."""

    async def by_ids(self, ids: Collection[str]) -> dict[str, ClaimWithSale]:
        rows = await self._session.execute(WITH_SALE.where(models.Claim.id.in_(ids)))
        return {row.Claim.id: ClaimWithSale(claim=row.Claim, sale=row.Sale) for row in rows}

    async def page(self, user_id: str, page_request: PageRequest) -> Page[ClaimWithSale]:
        query = paginate(WITH_SALE.where(models.Claim.user_id == user_id), NEWEST_FIRST, page_request)
        rows = await self._session.execute(query)
        found = [ClaimWithSale(claim=row.Claim, sale=row.Sale) for row in rows]
        return page_of(found, NEWEST_FIRST, page_request)

    async def count(self, user_id: str) -> int:
        query = select(func.count(models.Claim.id)).where(models.Claim.user_id == user_id)
        return await self._session.scalar(query) or 0

    async def lapsed(self, sale_ids: Sequence[str] | None = None) -> dict[str, str]:
        """Lapsed claims, of some sales or of all: claim id -> sale id. At most `TAKE_BACK_BATCH`; not locked."""
        query = select(models.Claim.id, models.Claim.sale_id).where(LAPSED).limit(TAKE_BACK_BATCH)
        if sale_ids is not None:
            query = query.where(models.Claim.sale_id.in_(sale_ids))
        return {row.id: row.sale_id for row in await self._session.execute(query)}

    async def live_of(self, user_id: str, sale_ids: Collection[str]) -> dict[str, ClaimWithSale]:
        """A user's claims on these sales that are HELD or SOLD, by sale. Lapsed ones may be among them."""
        keys = [live_key(sale_id, user_id) for sale_id in sale_ids]
        rows = await self._session.execute(WITH_SALE.where(models.Claim.live_key.in_(keys)))
        return {row.Sale.id: ClaimWithSale(claim=row.Claim, sale=row.Sale) for row in rows}

    async def live(self, sale_id: str) -> AsyncIterator[Sequence[Claim]]:
        """All live claims of a sale as of one instant, `READ_BATCH` at a time."""
        keys = (live_key(sale_id, ""), live_key(sale_id, "\x7f"))
        claims = await self._session.stream_scalars(select(CLAIM).where(models.Claim.live_key.between(*keys)))
        async for part in claims.partitions(READ_BATCH):
            yield part

    # ---- locking

    async def lock(self, ids: Collection[str]) -> dict[str, Claim]:
        claims = await self._session.scalars(
            select(CLAIM).where(models.Claim.id.in_(ids)).order_by(models.Claim.id).with_for_update()
        )
        return {claim.id: claim for claim in claims}

    async def lock_lapsed(self, ids: Collection[str]) -> list[Claim]:
        """Locks those of the claims that are still lapsed: of several processes, one gets each."""
        claims = await self._session.scalars(
            select(CLAIM).where(models.Claim.id.in_(ids), LAPSED).order_by(models.Claim.id).with_for_update()
        )
        return list(claims)

    async def lock_sales(self, attempts: Sequence[Attempt]) -> LockedSales:
        """Locks the sales of a batch and the live claims that its users have on them, in one statement."""
        keys = [live_key(attempt.sale_id, attempt.user_id) for attempt in attempts]
        rows = await self._session.execute(
            select(SALE, CLAIM, SALE_HAS_LAPSED)
            .outerjoin(models.Claim, and_(models.Claim.sale_id == FlashSale.id, models.Claim.live_key.in_(keys)))
            .where(FlashSale.id.in_({attempt.sale_id for attempt in attempts}))
            .order_by(FlashSale.id)
            .with_for_update()
        )
        found = list(rows)
        return LockedSales(
            sales={row.Sale.id: row.Sale for row in found},
            live={row.Claim.owner: row.Claim for row in found if row.Claim},
            with_lapsed={row.Sale.id for row in found if row.has_lapsed},
        )

    # ---- writing

    async def add(self, claims: Sequence[Claim]) -> None:
        rows = [
            {
                "id": claim.id,
                "sale_id": claim.sale_id,
                "user_id": claim.user_id,
                "state": claim.stored_state.value,
                "expires_at": claim.expires_at,
                "created_at": claim.created_at,
                "live_key": live_key(claim.sale_id, claim.user_id),
            }
            for claim in claims
        ]
        if rows:
            await self._session.execute(insert(models.Claim), rows)

    async def enter(self, payments: Mapping[str, str]) -> None:
        """Takes claims into payments: claim id -> payment id."""
        if payments:
            await self._set(payments, payment_id=case(dict(payments), value=models.Claim.id))

    async def leave(self, ids: Collection[str]) -> None:
        """Takes claims out of their payments."""
        await self._set(ids, payment_id=None)

    async def sell(self, ids: Collection[str]) -> None:
        await self._set(ids, state=ClaimState.SOLD.value)

    async def end(self, ids: Collection[str], state: ClaimState) -> None:
        """Sets claims RELEASED or EXPIRED: their users may claim again."""
        await self._set(ids, state=state.value, live_key=None)

    async def _set(self, ids: Collection[str], **values: Any) -> None:
        if ids:
            await self._session.execute(update(models.Claim).where(models.Claim.id.in_(list(ids))).values(values))
