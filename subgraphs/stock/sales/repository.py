"""SQL on flash sales. models.py states the lock order."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, insert, select, update

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import insert_missing
from subgraphs.kit.database.repository import Repository
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.stock.limited.counters import apply_movements
from subgraphs.stock.limited.domain import StockMovements
from subgraphs.stock.models import FlashSale, SaleProduct
from subgraphs.stock.sales.columns import SALE
from subgraphs.stock.sales.domain import FlashSaleState, Sale, SalePlan

NEWEST_FIRST = (SortKey(FlashSale.id.expression, lambda sale: sale.id, descending=True),)


class SaleRepository(Repository):
    """Flash sales and their products."""

    async def by_ids(self, ids: Collection[str]) -> dict[str, Sale]:
        sales = await self._session.scalars(select(SALE).where(FlashSale.id.in_(ids)))
        return {sale.id: sale for sale in sales}

    async def lock(self, ids: Collection[str]) -> dict[str, Sale]:
        sales = await self._session.scalars(
            select(SALE).where(FlashSale.id.in_(ids)).order_by(FlashSale.id).with_for_update()
        )
        return {sale.id: sale for sale in sales}

    async def by_products(self, product_ids: Collection[str]) -> dict[str, Sale]:
        """Each product's current sale, else its next one. Sales of a product never overlap."""
        latest_first = await self._session.scalars(
            select(SALE)
            .where(
                FlashSale.product_id.in_(product_ids),
                FlashSale.cancelled_at.is_(None),
                FlashSale.ends_at > utc_now(),
            )
            .order_by(FlashSale.starts_at.desc())
        )
        return {sale.product_id: sale for sale in latest_first}

    async def between(self, first: datetime, last: datetime) -> list[Sale]:
        """The sales that run at some time between two instants, cancelled ones included."""
        return list(
            await self._session.scalars(select(SALE).where(FlashSale.ends_at > first, FlashSale.starts_at < last))
        )

    async def page(self, state: FlashSaleState | None, page_request: PageRequest) -> Page[Sale]:
        query = paginate(select(SALE).where(*_in_state(state)), NEWEST_FIRST, page_request)
        return page_of(list(await self._session.scalars(query)), NEWEST_FIRST, page_request)

    async def count(self, state: FlashSaleState | None) -> int:
        query = select(func.count(FlashSale.id)).where(*_in_state(state))
        return await self._session.scalar(query) or 0

    async def lock_product(self, product_id: str) -> bool:
        """Keeps other sales of the product from being created until the transaction ends.

        Returns whether the product is closed: then none can be created at all.
        """
        await insert_missing(self._session, SaleProduct, [{"product_id": product_id}])
        query = select(SaleProduct.closed).where(SaleProduct.product_id == product_id).with_for_update()
        return bool(await self._session.scalar(query))

    async def set_closed(self, product_id: str, closed: bool) -> None:
        await self._session.execute(
            update(SaleProduct).where(SaleProduct.product_id == product_id).values(closed=closed)
        )

    async def not_over(self, product_id: str) -> list[str]:
        """The sales of a locked product that run or are planned, by their ids."""
        query = select(FlashSale.id).where(
            FlashSale.product_id == product_id, FlashSale.cancelled_at.is_(None), FlashSale.ends_at > utc_now()
        )
        return list(await self._session.scalars(query.order_by(FlashSale.id).with_for_update()))

    async def has_overlap(self, plan: SalePlan) -> bool:
        """Whether the product has another sale in the plan's time."""
        overlapping = select(FlashSale.id).where(
            FlashSale.product_id == plan.product_id,
            FlashSale.cancelled_at.is_(None),
            FlashSale.starts_at < plan.ends_at,
            FlashSale.ends_at > plan.starts_at,
        )
        return await self._session.scalar(overlapping.limit(1)) is not None

    async def add(self, sale_id: str, plan: SalePlan, created_by: str) -> None:
        row = asdict(plan) | {"id": sale_id, "remaining": plan.units, "created_by": created_by}
        await self._session.execute(insert(FlashSale).values(created_at=utc_now(), **row))

    async def cancel(self, sale_id: str) -> None:
        await self._session.execute(
            update(FlashSale)
            .where(FlashSale.id == sale_id, FlashSale.cancelled_at.is_(None))
            .values(cancelled_at=utc_now())
        )

    async def move(self, movements: StockMovements) -> None:
        if movements:
            await self._session.execute(apply_movements(FlashSale, FlashSale.id, movements))


def _in_state(state: FlashSaleState | None) -> tuple[ColumnElement[bool], ...]:
    """`Sale.state` in SQL."""
    running = and_(FlashSale.cancelled_at.is_(None), FlashSale.starts_at <= utc_now(), FlashSale.ends_at > utc_now())
    match state:
        case None:
            return ()
        case FlashSaleState.CANCELLED:
            return (FlashSale.cancelled_at.is_not(None),)
        case FlashSaleState.SCHEDULED:
            return (FlashSale.cancelled_at.is_(None), FlashSale.starts_at > utc_now())
        case FlashSaleState.ENDED:
            # A sale starts before it ends, so it has started too.
            return (FlashSale.cancelled_at.is_(None), FlashSale.ends_at <= utc_now())
        case FlashSaleState.SOLD_OUT:
            return (running, FlashSale.remaining == 0)
        case FlashSaleState.OPEN:
            return (running, FlashSale.remaining > 0)
