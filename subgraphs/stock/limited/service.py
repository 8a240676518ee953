"""Products of limited quantity."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.stock.limited.domain import StockMovements, Units, checked_units
from subgraphs.stock.limited.repository import LimitedStockRepository
from subgraphs.stock.permissions import Permissions


class LimitedStocks:
    """Sets and reads limited stocks, and moves their units."""

    def __init__(self, runtime: Runtime, permissions: Permissions) -> None:
        self._database = runtime.database
        self._permissions = permissions

    async def by_products(self, product_ids: list[str]) -> list[Units | None]:
        """The limited stocks of products, in their order; None where the quantity is not limited."""
        async with self._database.reading() as session:
            stocks = await LimitedStockRepository(session).by_products(product_ids)
        return [stocks.get(product_id) for product_id in product_ids]

    async def limit(self, viewer: Viewer, product_id: str, units: int) -> None:
        """Sets how many units the product has in all, held and sold ones included.

        Raises BadUserInput, NotFound, Forbidden, and InvalidState when more units are held or sold already.
        """
        checked_units(units, minimum=0)
        await self._permissions.require(viewer, product_id)
        await self._limit(product_id, units)

    @retry_on_conflict
    async def _limit(self, product_id: str, units: int) -> None:
        async with self._database.transaction() as session:
            stocks = LimitedStockRepository(session)
            await stocks.ensure(product_id)
            stock = (await stocks.lock([product_id]))[product_id]
            await stocks.set(product_id, stock.resized(units))

    # ---- within a transaction of the caller

    async def lock(self, session: AsyncSession, product_ids: Collection[str]) -> dict[str, Units]:
        """Locks limited stocks. Products of unlimited quantity are left out."""
        return await LimitedStockRepository(session).lock(product_ids)

    async def move(self, session: AsyncSession, movements: StockMovements) -> None:
        """Moves units, by product id."""
        await LimitedStockRepository(session).move(movements)
