"""The stock subgraph's SQL on flash sales. The lock order is told in repository.py."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, insert, select, update

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import insert_missing
from subgraphs.kit.database.repository import Repository
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.stock.domain import FlashSaleState, Sale, StockMovements
from subgraphs.stock.limited.movements import shifted
from subgraphs.stock.models import FlashSale, SaleProduct

SALE: tuple[Any, ...] = (
    FlashSale.id,
    FlashSale.product_id,
    FlashSale.points,
    FlashSale.units,
    FlashSale.remaining,
    FlashSale.starts_at,
    FlashSale.ends_at,
    FlashSale.cancelled_at,
    utc_now().label("moment"),
)
NEWEST_FIRST = (SortKey(FlashSale.id.expression, lambda sale: sale.id, descending=True),)


def sale_of(row: Row[*tuple[Any, ...]]) -> Sale:
    return Sale(*row[: len(SALE)])


class SaleRepository(Repository):
    """Flash sales and their products."""

    async def sales(self, ids: Sequence[str]) -> dict[str, Sale]:
        return await self._by_id(select(*SALE).where(FlashSale.id.in_(ids)))

    async def lock_sales(self, ids: Sequence[str]) -> dict[str, Sale]:
        return await self._by_id(select(*SALE).where(FlashSale.id.in_(ids)).order_by(FlashSale.id).with_for_update())

    async def current(self, product_ids: Sequence[str]) -> dict[str, Sale]:
        """Each product's sale that runs, else the one that comes next. Sales of a product never overlap."""
        rows = await self._session.execute(
            select(*SALE)
            .where(
                FlashSale.product_id.in_(product_ids),
                FlashSale.cancelled_at.is_(None),
                FlashSale.ends_at > utc_now(),
            )
            .order_by(FlashSale.starts_at.desc())
        )
        return {sale.product_id: sale for sale in map(sale_of, rows)}

    async def between(self, first: datetime, last: datetime) -> list[Sale]:
        """The sales that run at some time between two instants, called off or not."""
        rows = await self._session.execute(select(*SALE).where(FlashSale.ends_at > first, FlashSale.starts_at < last))
        return [sale_of(row) for row in rows]

    async def page(self, state: FlashSaleState | None, page_request: PageRequest) -> Page[Sale]:
        query = paginate(select(*SALE).where(*_in_state(state)), NEWEST_FIRST, page_request)
        rows = [sale_of(row) for row in await self._session.execute(query)]
        return page_of(rows, NEWEST_FIRST, page_request)

    async def count(self, state: FlashSaleState | None) -> int:
        query = select(func.count(FlashSale.id)).where(*_in_state(state))
        return await self._session.scalar(query) or 0

    async def lock_product(self, product_id: str) -> None:
        """Keeps other sales of the product from being made until the transaction ends."""
        await insert_missing(self._session, SaleProduct, [{"product_id": product_id}])
        await self._session.execute(
            select(SaleProduct.product_id).where(SaleProduct.product_id == product_id).with_for_update()
        )

    async def overlapping(self, product_id: str, starts_at: datetime, ends_at: datetime) -> bool:
        return (
            await self._session.scalar(
                select(FlashSale.id)
                .where(
                    FlashSale.product_id == product_id,
                    FlashSale.cancelled_at.is_(None),
                    FlashSale.starts_at < ends_at,
                    FlashSale.ends_at > starts_at,
                )
                .limit(1)
            )
            is not None
        )

    async def add(self, row: Mapping[str, object]) -> None:
        await self._session.execute(insert(FlashSale).values(created_at=utc_now(), **row))

    async def cancel(self, sale_id: str) -> None:
        await self._session.execute(
            update(FlashSale)
            .where(FlashSale.id == sale_id, FlashSale.cancelled_at.is_(None))
            .values(cancelled_at=utc_now())
        )

    async def shift(self, shifts: StockMovements) -> None:
        if shifts:
            await self._session.execute(shifted(FlashSale, FlashSale.id, shifts))

    async def _by_id(self, query: Select[*tuple[Any, ...]]) -> dict[str, Sale]:
        return {sale.id: sale for sale in map(sale_of, await self._session.execute(query))}


def _in_state(state: FlashSaleState | None) -> tuple[ColumnElement[bool], ...]:
    """What Sale.state says, in SQL."""
    running = and_(FlashSale.cancelled_at.is_(None), FlashSale.starts_at <= utc_now(), FlashSale.ends_at > utc_now())
    match state:
        case None:
            return ()
        case FlashSaleState.CANCELLED:
            return (FlashSale.cancelled_at.is_not(None),)
        case FlashSaleState.SCHEDULED:
            return (FlashSale.cancelled_at.is_(None), FlashSale.starts_at > utc_now())
        case FlashSaleState.ENDED:
            # A sale starts before it ends, so it also has started.
            return (FlashSale.cancelled_at.is_(None), FlashSale.ends_at <= utc_now())
        case FlashSaleState.SOLD_OUT:
            return (running, FlashSale.remaining == 0)
        case FlashSaleState.OPEN:
            return (running, FlashSale.remaining > 0)
