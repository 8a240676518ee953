"""The stock subgraph's SQL on claims. The lock order is told in repository.py."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, insert, select, update
from sqlalchemy.orm import aliased

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.repository import Repository
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.stock.domain import ClaimRow, ClaimView, Sale
from subgraphs.stock.models import Claim, FlashSale, live_key
from subgraphs.stock.sales.repository import SALE, sale_of

CLAIM: tuple[Any, ...] = (
    Claim.id,
    Claim.sale_id,
    Claim.user_id,
    Claim.state,
    Claim.expires_at,
    Claim.created_at,
    Claim.payment_id,
    utc_now().label("moment"),
)
NEWEST_FIRST = (SortKey(Claim.id.expression, lambda claim: claim.id, descending=True),)


def _is_lapsed(claim: Any) -> ColumnElement[bool]:
    return and_(claim.state == "HELD", claim.payment_id.is_(None), claim.expires_at <= utc_now())


OTHER = aliased(Claim)
LAPSED = _is_lapsed(Claim)
HAS_LAPSED = (
    select(OTHER.id)
    .where(OTHER.sale_id == FlashSale.id, _is_lapsed(OTHER))
    .correlate(FlashSale)
    .exists()
    .label("has_lapsed")
)
TAKE_BACK_BATCH = 500
READ_BATCH = 5000


@dataclass(frozen=True)
class Attempt:
    """A user who claims a unit of a sale."""

    sale_id: str
    user_id: str

    @property
    def key(self) -> str:
        return live_key(self.sale_id, self.user_id)


class ClaimRepository(Repository):
    """Claims."""

    async def claims(self, ids: Collection[str]) -> dict[str, ClaimView]:
        """Claims with their sales, not locked."""
        rows = await self._session.execute(
            select(*SALE, *CLAIM).join(FlashSale, FlashSale.id == Claim.sale_id).where(Claim.id.in_(ids))
        )
        return {claim.id: claim for claim in map(_with_sale, rows)}

    async def lock_claims(self, ids: Collection[str]) -> dict[str, ClaimRow]:
        rows = await self._session.execute(select(*CLAIM).where(Claim.id.in_(ids)).order_by(Claim.id).with_for_update())
        return {row.id: ClaimRow(*row) for row in rows}

    async def lock_for(self, attempts: Sequence[Attempt]) -> tuple[dict[str, Sale], dict[str, ClaimView]]:
        """Locks the sales of a batch, and finds the live claims that its users have already (by live key)."""
        keys = [attempt.key for attempt in attempts]
        rows = await self._session.execute(
            select(*SALE, HAS_LAPSED, *CLAIM)
            .outerjoin(Claim, and_(Claim.sale_id == FlashSale.id, Claim.live_key.in_(keys)))
            .where(FlashSale.id.in_({attempt.sale_id for attempt in attempts}))
            .order_by(FlashSale.id)
            .with_for_update()
        )
        sales: dict[str, Sale] = {}
        live: dict[str, ClaimView] = {}
        for row in rows:
            sale = sales.setdefault(row.id, replace(sale_of(row), has_lapsed=bool(row.has_lapsed)))
            columns: tuple[Any, ...] = (*row[len(SALE) + 1 :], sale)
            if columns[0] is not None:
                live[live_key(sale.id, columns[2])] = ClaimView(*columns)
        return sales, live

    async def add(self, claims: Sequence[ClaimView]) -> None:
        rows = [
            {
                "id": claim.id,
                "sale_id": claim.sale_id,
                "user_id": claim.user_id,
                "state": "HELD",
                "expires_at": claim.expires_at,
                "created_at": claim.created_at,
                "live_key": live_key(claim.sale_id, claim.user_id),
            }
            for claim in claims
        ]
        if rows:
            await self._session.execute(insert(Claim), rows)

    async def page(self, user_id: str, page_request: PageRequest) -> Page[ClaimView]:
        query = paginate(
            select(*SALE, *CLAIM).join(FlashSale, FlashSale.id == Claim.sale_id).where(Claim.user_id == user_id),
            NEWEST_FIRST,
            page_request,
        )
        return page_of([_with_sale(row) for row in await self._session.execute(query)], NEWEST_FIRST, page_request)

    async def count(self, user_id: str) -> int:
        query = select(func.count(Claim.id)).where(Claim.user_id == user_id)
        return await self._session.scalar(query) or 0

    async def lapsed(self, sale_ids: Sequence[str] | None = None) -> dict[str, str]:
        """Claims whose time is over, with their sales (claim id -> sale id); not locked."""
        query = select(Claim.id, Claim.sale_id).where(LAPSED).limit(TAKE_BACK_BATCH)
        if sale_ids is not None:
            query = query.where(Claim.sale_id.in_(sale_ids))
        return {row.id: row.sale_id for row in await self._session.execute(query)}

    async def lock_lapsed(self, ids: Collection[str]) -> list[ClaimRow]:
        """Those of the claims whose time is over still, locked: of several processes one gets each."""
        rows = await self._session.execute(
            select(*CLAIM).where(Claim.id.in_(ids), LAPSED).order_by(Claim.id).with_for_update()
        )
        return [ClaimRow(*row) for row in rows]

    async def live(self, sale_id: str) -> AsyncIterator[list[ClaimRow]]:
        """All live claims of a sale as they are at one moment, some thousand at a time."""
        keys = (live_key(sale_id, ""), live_key(sale_id, "\x7f"))
        rows = await self._session.stream(select(*CLAIM).where(Claim.live_key.between(*keys)))
        async for part in rows.partitions(READ_BATCH):
            yield [ClaimRow(*row) for row in part]

    async def enter(self, payments: Mapping[str, str]) -> None:
        """Takes claims into payments: claim id -> payment id."""
        if payments:
            await self._session.execute(
                update(Claim)
                .where(Claim.id.in_(list(payments)))
                .values(payment_id=case(dict(payments), value=Claim.id))
            )

    async def leave(self, ids: Sequence[str]) -> None:
        """Takes claims out of their payments; they are HELD as before."""
        if ids:
            await self._session.execute(update(Claim).where(Claim.id.in_(ids)).values(payment_id=None))

    async def sell(self, ids: Sequence[str]) -> None:
        if ids:
            await self._session.execute(update(Claim).where(Claim.id.in_(ids)).values(state="SOLD"))

    async def end(self, ids: Sequence[str], state: str) -> None:
        """RELEASED or EXPIRED: the user may claim again."""
        if ids:
            await self._session.execute(update(Claim).where(Claim.id.in_(ids)).values(state=state, live_key=None))


def _with_sale(row: Row[*tuple[Any, ...]]) -> ClaimView:
    columns: tuple[Any, ...] = (*row[len(SALE) :], sale_of(row))
    return ClaimView(*columns)
