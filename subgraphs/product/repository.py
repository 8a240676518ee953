"""The product subgraph's SQL."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Row, Select, func, insert, literal, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.columns import now
from subgraphs.kit.database import insert_missing, is_mysql
from subgraphs.kit.paging import Page, Window, page_of, windowed
from subgraphs.product.listing import Filter, Sort, keys_of
from subgraphs.product.models import (
    FIRST_PUBLISHED_ID,
    Genre,
    Product,
    ProductGenre,
    ProductSearch,
    Publication,
)
from subgraphs.product.search import Search, SearchText

LinkT = TypeVar("LinkT")
Listed = Row[tuple[Product, int]]
"""A product of a list, and its score there."""


class ProductRepository:
    """Reads and writes within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def products(self, ids: Sequence[int]) -> dict[int, Product]:
        rows = await self._session.scalars(select(Product).where(Product.id.in_(ids)))
        return {row.id: row for row in rows}

    async def lock_product(self, product_id: int) -> Product | None:
        return await self._session.scalar(select(Product).where(Product.id == product_id).with_for_update())

    async def links(self, table: type[LinkT], ids: Sequence[int], order: Sequence[Any]) -> Sequence[LinkT]:
        """The rows of a table of links that belong to any of these products."""
        query = select(table).where(table.product_id.in_(ids)).order_by(*order)  # type: ignore[attr-defined]
        return (await self._session.scalars(query)).all()

    # ---- lists

    async def page(
        self, sought: SearchText | None, chosen: Filter, sort: Sort, window: Window
    ) -> Page[Listed]:
        by_score = sought is not None and sort is Sort.RELEVANCE
        query, score = self._found(select(Product), sought, by_score)
        # Without a search text nothing is more relevant than anything else.
        order = Sort.MOST_REVIEWED if sort is Sort.RELEVANCE and not by_score else sort
        keys = keys_of(order, score)
        query = query.add_columns(score.label("score")).where(*chosen.conditions())
        rows = (await self._session.execute(windowed(query, keys, window))).all()
        return page_of(rows, keys, window)

    async def count(self, sought: SearchText | None, chosen: Filter) -> int:
        query, _ = self._found(select(func.count(Product.id)), sought, by_score=False)
        return await self._session.scalar(query.where(*chosen.conditions())) or 0

    def _found(self, query: Any, sought: SearchText | None, by_score: bool) -> Any:
        if sought is None:
            return query, literal(0)
        return Search(sought, is_mysql(self._session)).apply(query, by_score)

    # ---- genres

    async def genres(self) -> Sequence[str]:
        return (await self._session.scalars(select(Genre.name).order_by(Genre.name))).all()

    async def genre_pages(self, names: Sequence[str], window: Window) -> list[Page[Listed]]:
        """A page of each genre, the most reviewed first, in one statement."""
        keys = keys_of(Sort.MOST_REVIEWED, literal(0))
        parts = [select(self._genre_ids(name, window).subquery()) for name in names]
        ids = union_all(*parts).subquery()
        query = select(Product, ids.c.genre).join(ids, ids.c.id == Product.id)
        order = [key.column.desc() if key.descending else key.column for key in keys]
        rows = (await self._session.execute(query.order_by(*order))).all()
        return [page_of([row for row in rows if row.genre == name], keys, window) for name in names]

    def _genre_ids(self, name: str, window: Window) -> Select[int, str]:
        query = select(Product.id, literal(name).label("genre")).where(*Filter(genre=name).conditions())
        return windowed(query, keys_of(Sort.MOST_REVIEWED, literal(0)), window)

    async def genre_sizes(self, names: Sequence[str]) -> dict[str, int]:
        query = select(ProductGenre.genre, func.count()).where(ProductGenre.genre.in_(names))
        rows = (await self._session.execute(query.group_by(ProductGenre.genre))).all()
        return {row[0]: row[1] for row in rows}

    # ---- publishing

    async def next_published_id(self) -> int:
        publication = Publication(published_at=now())
        self._session.add(publication)
        await self._session.flush()
        return FIRST_PUBLISHED_ID + publication.id

    async def add(self, product: Product, genres: Sequence[str]) -> None:
        """Adds a product with its genres, new ones among them, and with its entry in the search index."""
        self._session.add(product)
        await self._session.flush()
        await insert_missing(self._session, Genre, [{"name": name} for name in genres])
        links = [{"product_id": product.id, "genre": name} for name in genres]
        await self._session.execute(insert(ProductGenre), links)
        await self._index(product)

    async def _index(self, product: Product) -> None:
        entry = {"product_id": product.id, "title": product.title, "description": product.description}
        if is_mysql(self._session):
            await self._session.execute(insert(ProductSearch).values(entry))
            return
        columns = "(rowid, title, description) VALUES (:product_id, :title, :description)"
        await self._session.execute(text(f"INSERT INTO product_search {columns}"), entry)
