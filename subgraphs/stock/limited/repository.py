"""SQL on limited stocks. models.py states the lock order."""

from collections.abc import Collection
from dataclasses import asdict

from sqlalchemy import bindparam, select, update

from subgraphs.kit.database.database import insert_missing
from subgraphs.kit.database.repository import Repository
from subgraphs.stock.bundles import ValueBundle
from subgraphs.stock.limited.counters import apply_movements
from subgraphs.stock.limited.domain import StockMovements, Units
from subgraphs.stock.models import LimitedStock

UNITS = ValueBundle(Units, LimitedStock.total, LimitedStock.remaining, LimitedStock.held, LimitedStock.sold)
STOCKS = select(LimitedStock.product_id, UNITS)
BY_PRODUCTS = STOCKS.where(LimitedStock.product_id.in_(bindparam("products", expanding=True)))
LOCK_PRODUCTS = BY_PRODUCTS.order_by(LimitedStock.product_id).with_for_update()


class LimitedStockRepository(Repository):
    """Limited stocks, by the id of their product."""

    async def by_products(self, product_ids: Collection[str]) -> dict[str, Units]:
        rows = await self._session.execute(BY_PRODUCTS, {"products": list(product_ids)})
        return {row.product_id: row.Units for row in rows}

    async def lock(self, product_ids: Collection[str]) -> dict[str, Units]:
        rows = await self._session.execute(LOCK_PRODUCTS, {"products": list(product_ids)})
        return {row.product_id: row.Units for row in rows}

    async def ensure(self, product_id: str) -> None:
        """Makes the product one of limited quantity, with no units yet, unless it is one already."""
        await insert_missing(self._session, LimitedStock, [{"product_id": product_id}])

    async def set(self, product_id: str, units: Units) -> None:
        """Sets the counters of a locked stock."""
        await self._session.execute(
            update(LimitedStock).where(LimitedStock.product_id == product_id).values(asdict(units))
        )

    async def move(self, movements: StockMovements) -> None:
        if movements:
            await self._session.execute(apply_movements(LimitedStock, LimitedStock.product_id, movements))
