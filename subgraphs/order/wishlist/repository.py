"""The SQL of wishlists."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, delete, func, select, tuple_

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import insert_missing
from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.order.models import WishlistItem
from subgraphs.order.wishlist.domain import Wish

WISH = table_of(WishlistItem)
REMOVE = delete(WISH).where(
    # Name the users too: with the tuples alone, SQLite scans the whole table.
    WISH.c.user_id.in_(bindparam("users", expanding=True)),
    tuple_(WISH.c.user_id, WISH.c.product_id).in_(bindparam("wishes", expanding=True)),
)

NEWEST = [SortKey(WishlistItem.id.expression, lambda wish: wish.id, descending=True)]


class WishlistRepository(Repository):
    """Wishes. To lock a wishlist is to lock its oldest wish; wishes are locked after orders."""

    async def page(self, user_id: str, page_request: PageRequest) -> Page[Wish]:
        """A user's wishes, newest first."""
        query = select(WishlistItem).where(WishlistItem.user_id == user_id)
        rows = await self._session.scalars(paginate(query, NEWEST, page_request))
        return page_of([_wish(row) for row in rows], NEWEST, page_request)

    async def count(self, user_id: str) -> int:
        """How many wishes a user has."""
        query = select(func.count(WishlistItem.id)).where(WishlistItem.user_id == user_id)
        return await self._session.scalar(query) or 0

    async def find(self, user_id: str, product_ids: Collection[str]) -> dict[str, Wish]:
        """The user's wishes for these products, by product."""
        query = select(WishlistItem).where(WishlistItem.user_id == user_id, WishlistItem.product_id.in_(product_ids))
        rows = await self._session.scalars(query)
        return {row.product_id: _wish(row) for row in rows}

    async def lock(self, user_id: str) -> None:
        """Makes other additions to the wishlist wait. An empty wishlist cannot be locked, but it is not full either."""
        oldest = select(WishlistItem.id).where(WishlistItem.user_id == user_id)
        await self._session.execute(oldest.order_by(WishlistItem.id).limit(1).with_for_update())

    async def add_missing(self, user_id: str, product_id: str) -> None:
        """Adds a wish unless it exists."""
        now = await self.now()
        row = {"id": new_id(), "user_id": user_id, "product_id": product_id, "added_at": now}
        await insert_missing(self._session, WishlistItem, [row])

    async def remove(self, wishes: Collection[tuple[str, str]]) -> int:
        """Removes wishes, each given as (user id, product id). Returns how many there were."""
        users = sorted({user_id for user_id, _ in wishes})
        result: Any = await self._session.execute(REMOVE, {"users": users, "wishes": list(wishes)})
        return int(result.rowcount)


def _wish(row: WishlistItem) -> Wish:
    return Wish(id=row.id, product_id=row.product_id, added_at=row.added_at)
