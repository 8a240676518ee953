"""Flash sales: limited units of a product at a price of their own."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.stock import CloseSalesOutcome, CloseSalesRequest
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import InvalidState, NotFound
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.stock.limited.domain import StockMovements
from subgraphs.stock.permissions import Permissions
from subgraphs.stock.sales.domain import FlashSaleState, Sale, SalePlan
from subgraphs.stock.sales.repository import SaleRepository


class Sales:
    """Creates, cancels and reads flash sales, and moves their units.

    `changed` is called with a sale's id after the sale has been changed.
    """

    def __init__(self, runtime: Runtime, permissions: Permissions, changed: Callable[[str], Awaitable[None]]) -> None:
        self._database = runtime.database
        self._permissions = permissions
        self._changed = changed

    async def create(self, viewer: Viewer, plan: SalePlan) -> Sale:
        """Raises BadUserInput, NotFound, Forbidden, and InvalidState.

        InvalidState: it overlaps another sale of the product, or the product is withdrawn.
        """
        plan.validate(await self.now())
        await self._permissions.require(viewer, plan.product_id)
        return await self._create(viewer, plan)

    @retry_on_conflict
    async def _create(self, viewer: Viewer, plan: SalePlan) -> Sale:
        sale_id = new_id()
        async with self._database.transaction() as session:
            sales = SaleRepository(session)
            if await sales.lock_product(plan.product_id):
                raise InvalidState("The product is withdrawn. Offer it again first.")
            if await sales.has_overlap(plan):
                raise InvalidState("It overlaps another flash sale of this product.")
            await sales.add(sale_id, plan, viewer.id)
            return (await sales.by_ids([sale_id]))[sale_id]

    async def cancel(self, viewer: Viewer, sale_id: str) -> Sale:
        """Ends a sale before its time; its claims stay valid. Raises NotFound, Forbidden, InvalidState."""
        sale = (await self.by_ids([sale_id]))[0]
        if sale is None:
            raise NotFound("There is no such flash sale.")
        await self._permissions.require(viewer, sale.product_id)
        cancelled = await self._cancel(sale_id)
        await self._changed(sale_id)
        return cancelled

    @retry_on_conflict
    async def _cancel(self, sale_id: str) -> Sale:
        async with self._database.transaction() as session:
            sales = SaleRepository(session)
            sale = (await sales.lock([sale_id]))[sale_id]
            if sale.state is FlashSaleState.ENDED:
                raise InvalidState("This flash sale has ended.")
            await sales.cancel(sale_id)
            return replace(sale, cancelled_at=sale.cancelled_at or sale.as_of)

    # ---- commands

    async def close(self, requests: list[CloseSalesRequest]) -> list[CloseSalesOutcome]:
        """Keeps new sales of products from being created, unless a product has sales that are not over."""
        return [await self._close(request) for request in requests]

    @retry_on_conflict
    async def _close(self, request: CloseSalesRequest) -> CloseSalesOutcome:
        async with self._database.transaction() as session:
            sales = SaleRepository(session)
            await sales.lock_product(request.product_id)
            sale_ids = await sales.not_over(request.product_id) if request.closed else []
            if not sale_ids:
                await sales.set_closed(request.product_id, request.closed)
            return CloseSalesOutcome(sale_ids)

    # ---- reading

    async def now(self) -> datetime:
        """The time by the database's clock, which decides what state a sale is in."""
        async with self._database.reading() as session:
            return await SaleRepository(session).now()

    async def by_ids(self, ids: list[str]) -> list[Sale | None]:
        async with self._database.reading() as session:
            sales = await SaleRepository(session).by_ids(ids)
        return [sales.get(sale_id) for sale_id in ids]

    async def by_products(self, product_ids: list[str]) -> list[Sale | None]:
        """Each product's current sale, else its next one."""
        async with self._database.reading() as session:
            sales = await SaleRepository(session).by_products(product_ids)
        return [sales.get(product_id) for product_id in product_ids]

    async def between(self, first: datetime, last: datetime) -> list[Sale]:
        """The sales that run at some time between two instants, cancelled ones included."""
        async with self._database.reading() as session:
            return await SaleRepository(session).between(first, last)

    async def page(self, state: FlashSaleState | None, page_request: PageRequest) -> Page[Sale]:
        """All sales, or those in one state, newest first."""
        async with self._database.reading() as session:
            return await SaleRepository(session).page(state, page_request)

    async def count(self, state: FlashSaleState | None) -> int:
        async with self._database.reading() as session:
            return await SaleRepository(session).count(state)

    # ---- within a transaction of the caller

    async def lock(self, session: AsyncSession, ids: Collection[str]) -> dict[str, Sale]:
        return await SaleRepository(session).lock(ids)

    async def move(self, session: AsyncSession, movements: StockMovements) -> None:
        """Moves units, by sale id."""
        await SaleRepository(session).move(movements)
