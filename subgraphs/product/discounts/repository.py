"""The SQL of discounts and their ends.

Lock order: products by ascending id, then their discounts' ends.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, func, insert, select, update

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.product import models
from subgraphs.product.pricing import Price

_PRODUCTS = table_of(models.Product)
_ENDS = table_of(models.DiscountEnd)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_IS_DUE = _ENDS.c.ends_at <= utc_now()
# MIN in a query of its own: so both engines read one entry of the index.
NEXT = select(select(func.min(_ENDS.c.ends_at)).scalar_subquery(), utc_now())
DUE = select(_ENDS.c.product_id).where(_IS_DUE).order_by(_ENDS.c.ends_at)
LOCK_PRODUCTS = select(_PRODUCTS.c.id).where(_PRODUCTS.c.id.in_(_IDS)).order_by(_PRODUCTS.c.id).with_for_update()
LOCK_DUE = select(_ENDS.c.product_id).where(_ENDS.c.product_id.in_(_IDS), _IS_DUE).with_for_update()
END = update(_PRODUCTS).where(_PRODUCTS.c.id.in_(_IDS)).values(discount_percent=0, points=_PRODUCTS.c.regular_points)
FORGET = delete(_ENDS).where(_ENDS.c.product_id.in_(_IDS))


class DiscountRepository(Repository):
    """Discounts of products."""

    async def next_end(self) -> tuple[datetime | None, datetime]:
        """When the next discount ends, and the time now, both by the database's clock."""
        ends_at, now = (await self._session.execute(NEXT)).one()
        return ends_at, now

    async def due(self, limit: int) -> Sequence[int]:
        """Products whose discounts are over."""
        return (await self._session.scalars(DUE.limit(limit))).all()

    async def lock_due(self, product_ids: Collection[int]) -> list[int]:
        """Which of the products still have a discount that is over, locked."""
        await self._session.execute(LOCK_PRODUCTS, {"ids": list(product_ids)})
        return list(await self._session.scalars(LOCK_DUE, {"ids": list(product_ids)}))

    async def end(self, product_ids: Collection[int]) -> None:
        """Gives locked products their regular price back."""
        await self._session.execute(END, {"ids": list(product_ids)})
        await self._session.execute(FORGET, {"ids": list(product_ids)})

    async def set(self, product_id: int, price: Price) -> None:
        """Sets the price of a locked product, and when its discount ends."""
        columns = {"discount_percent": price.discount_percent, "points": price.points}
        await self._session.execute(update(_PRODUCTS).where(_PRODUCTS.c.id == product_id).values(columns))
        await self._session.execute(FORGET, {"ids": [product_id]})
        if price.discount_ends_at is not None:
            row = {"product_id": product_id, "ends_at": price.discount_ends_at}
            await self._session.execute(insert(_ENDS).values(row))
