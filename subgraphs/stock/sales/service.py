"""The rules of flash sales."""

from dataclasses import dataclass, replace
from datetime import datetime

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import BadUserInput, InvalidState, NotFound
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.stock.claims.cache import ClaimCache
from subgraphs.stock.domain import FlashSaleState, Sale
from subgraphs.stock.holds.repository import StockRepository
from subgraphs.stock.limited.service import MAX_UNITS
from subgraphs.stock.permissions import Permissions
from subgraphs.stock.sales.repository import SaleRepository


@dataclass(frozen=True)
class Plan:
    """A sale as it is asked for."""

    product_id: str
    points: int
    units: int
    starts_at: datetime
    ends_at: datetime


class Sales:
    """Flash sales: planning, calling off, and telling them."""

    def __init__(self, runtime: Runtime, rights: Permissions, board: ClaimCache) -> None:
        self._database = runtime.database
        self._board = board
        self._rights = rights

    async def create(self, viewer: Viewer, plan: Plan) -> Sale:
        """Raises BadUserInput, NotFound, Forbidden, and InvalidState where another sale overlaps."""
        _check(plan)
        await self._rights.require(viewer, plan.product_id)
        return await self._create(viewer, plan)

    async def cancel(self, viewer: Viewer, sale_id: str) -> Sale:
        """No more claims; those that users have stay good. Raises NotFound, Forbidden, InvalidState."""
        sale = (await self.by_ids([sale_id]))[0]
        if sale is None:
            raise NotFound("There is no such flash sale.")
        await self._rights.require(viewer, sale.product_id)
        cancelled = await self._cancel(sale_id)
        await self._board.close(sale_id)
        return cancelled

    # ---- reading

    async def by_ids(self, ids: list[str]) -> list[Sale | None]:
        async with self._database.reading() as session:
            sales = await SaleRepository(session).sales(ids)
        return [sales.get(sale_id) for sale_id in ids]

    async def of_products(self, product_ids: list[str]) -> list[Sale | None]:
        """Each product's sale that runs, else the one that comes next."""
        async with self._database.reading() as session:
            sales = await SaleRepository(session).current(product_ids)
        return [sales.get(product_id) for product_id in product_ids]

    async def page(self, state: FlashSaleState | None, page_request: PageRequest) -> Page[Sale]:
        """All sales, or those in a state, the newest first."""
        async with self._database.reading() as session:
            return await SaleRepository(session).page(state, page_request)

    async def count(self, state: FlashSaleState | None) -> int:
        async with self._database.reading() as session:
            return await SaleRepository(session).count(state)

    # ---- parts

    @retry_on_conflict
    async def _create(self, viewer: Viewer, plan: Plan) -> Sale:
        sale_id = new_id()
        async with self._database.transaction() as session:
            sales = SaleRepository(session)
            await sales.lock_product(plan.product_id)
            if plan.ends_at <= await StockRepository(session).now():
                raise BadUserInput("endsAt", "endsAt must lie in the future.")
            if await sales.overlapping(plan.product_id, plan.starts_at, plan.ends_at):
                raise InvalidState("Another flash sale of this product lies in this time.")
            await sales.add({**vars(plan), "id": sale_id, "remaining": plan.units, "created_by": viewer.id})
            return (await sales.sales([sale_id]))[sale_id]

    @retry_on_conflict
    async def _cancel(self, sale_id: str) -> Sale:
        async with self._database.transaction() as session:
            sales = SaleRepository(session)
            sale = (await sales.lock_sales([sale_id]))[sale_id]
            if sale.state is FlashSaleState.ENDED:
                raise InvalidState("This flash sale has ended.")
            await sales.cancel(sale_id)
            return replace(sale, cancelled_at=sale.cancelled_at or sale.moment)


def _check(plan: Plan) -> None:
    for field, instant in (("startsAt", plan.starts_at), ("endsAt", plan.ends_at)):
        if instant.tzinfo is None:
            raise BadUserInput(field, f"{field} needs an offset from UTC, such as Z.")
    if plan.starts_at >= plan.ends_at:
        raise BadUserInput("endsAt", "endsAt must be later than startsAt.")
    if plan.points < 0:
        raise BadUserInput("points", "points must not be negative.")
    if not 1 <= plan.units <= MAX_UNITS:
        raise BadUserInput("units", f"units must be between 1 and {MAX_UNITS:,}.")
