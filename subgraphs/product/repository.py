"""The SQL of products, of lists of them, and of genres' names."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, bindparam, insert, select, text, update

from subgraphs.contracts.product import Offer
from subgraphs.kit.database.columns import json_list, utc_now
from subgraphs.kit.database.database import insert_missing, is_mysql
from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.kit.graphql.paging import Page, PageRequest, paginate
from subgraphs.product import listing, models
from subgraphs.product.domain import Product, ProductFilter, ProductSort
from subgraphs.product.pricing import Price
from subgraphs.product.rows import columns_of, offer_of, product_of
from subgraphs.product.search import SearchShape, shape_of
from subgraphs.product.search_text import SearchText

_C = table_of(models.Product).c
_GENRES = table_of(models.ProductGenre).c
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_genres = select(json_list(_GENRES.genre)).where(_GENRES.product_id == _C.id).scalar_subquery().label("genres")
# Made once: a statement then knows the key of its compiled text.
PRODUCTS = select(*[column for column in _C if column is not _C.description], _genres).where(_C.id.in_(_IDS))
LOCKED = PRODUCTS.with_for_update()
DESCRIPTIONS = select(_C.id, _C.description).where(_C.id.in_(_IDS))
OFFERS = select(_C.id, _C.publisher_id, _C.points, _C.discount_percent, _C.title).where(_C.id.in_(_IDS))
GENRES = select(table_of(models.Genre).c.name).order_by(table_of(models.Genre).c.name)


class ProductRepository(Repository):
    """Products, lists of them, and genres."""

    # ---- products

    async def by_ids(self, ids: Collection[int]) -> dict[int, Product]:
        rows = await self._session.execute(PRODUCTS, {"ids": list(ids)})
        return {row.id: product_of(row) for row in rows}

    async def lock(self, product_id: int) -> Product | None:
        row = (await self._session.execute(LOCKED, {"ids": [product_id]})).first()
        return None if row is None else product_of(row)

    async def descriptions(self, ids: Collection[int]) -> dict[int, str]:
        rows = await self._session.execute(DESCRIPTIONS, {"ids": list(ids)})
        return {row.id: row.description for row in rows}

    async def offers(self, ids: Collection[int]) -> list[Offer]:
        """What the products that exist cost now, and are called."""
        return [offer_of(row) for row in await self._session.execute(OFFERS, {"ids": list(ids)})]

    async def set_discount(self, product_id: int, price: Price) -> None:
        discount = {"discount_percent": price.discount_percent, "points": price.points}
        await self._session.execute(update(models.Product).where(models.Product.id == product_id).values(discount))

    async def next_published_id(self) -> int:
        """A new id for a product that is published in the store."""
        publication = models.Publication(published_at=utc_now())
        self._session.add(publication)
        await self._session.flush()
        return models.FIRST_PUBLISHED_ID + publication.id

    async def add(self, product: Product, description: str) -> None:
        """Adds a product with its genres, new ones included, and to the search index."""
        await self._session.execute(insert(models.Product).values(columns_of(product) | {"description": description}))
        await insert_missing(self._session, models.Genre, [{"name": name} for name in product.genres])
        links = [{"product_id": product.id, "genre": name} for name in product.genres]
        await self._session.execute(insert(models.ProductGenre), links)
        await self._index({"product_id": product.id, "title": product.title, "description": description})

    async def _index(self, entry: dict[str, Any]) -> None:
        if is_mysql(self._session):
            await self._session.execute(insert(models.ProductSearch).values(entry))
            return
        columns = "(rowid, title, description) VALUES (:product_id, :title, :description)"
        await self._session.execute(text(f"INSERT INTO product_search {columns}"), entry)

    # ---- lists, as the ids of their products

    async def page(
        self, search: SearchText | None, filter: ProductFilter, sort: ProductSort, page_request: PageRequest
    ) -> Page[int]:
        """A page of the products that match, in a stable order."""
        names, shape, values = self._wanted(search, filter)
        if page_request.after is None:
            query, order = listing.first_page(names, sort, shape, page_request.first)
        else:
            query, order = listing.listed(names, sort, shape)
            query = paginate(query, order.keys, page_request)
        return listing.page_of_ids((await self._session.execute(query, values)).all(), order, page_request)

    async def count(self, search: SearchText | None, filter: ProductFilter) -> int:
        names, shape, values = self._wanted(search, filter)
        return await self._session.scalar(listing.size(names, shape), values) or 0

    def _wanted(
        self, search: SearchText | None, filter: ProductFilter
    ) -> tuple[tuple[str, ...], SearchShape | None, dict[str, Any]]:
        """The conditions of a list, the shape of its search, and the parameters of both."""
        values = listing.parameters(filter)
        if search is None:
            return tuple(values), None, values
        shape, texts = shape_of(search, is_mysql(self._session))
        return tuple(values), shape, values | texts

    # ---- genres

    async def genres(self) -> list[str]:
        """The names of all genres, in order."""
        return list(await self._session.scalars(GENRES))
