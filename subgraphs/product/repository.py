"""The product subgraph's SQL."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, Subquery, func, insert, literal, select, text, union_all

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import insert_missing, is_mysql
from subgraphs.kit.database.repository import Repository
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
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

# SQLite takes 500 SELECTs in one UNION.
GENRES_AT_ONCE = 400

LinkT = TypeVar("LinkT")
Listed = Row[tuple[Product, int]]
"""A product of a list, and its score there."""


class ProductRepository(Repository):
    """Products with all that hangs on them, and lists of them."""

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
        self, sought: SearchText | None, chosen: Filter, sort: Sort, page_request: PageRequest
    ) -> Page[Listed]:
        by_score = sought is not None and sort is Sort.RELEVANCE
        # Without a search text nothing is more relevant than anything else.
        order = Sort.MOST_REVIEWED if sort is Sort.RELEVANCE and not by_score else sort
        query, score = self._found(select(Product.id), sought, by_score)
        query = query.add_columns(score.label("score")).where(*chosen.conditions())
        ids = paginate(query, keys_of(order, score), page_request).subquery()
        keys = keys_of(order, ids.c.score)
        return page_of(await self._listed(ids, ids.c.score, keys), keys, page_request)

    async def _listed(self, ids: Subquery, extra: ColumnElement[Any], keys: Sequence[SortKey]) -> Sequence[Any]:
        """The products that a list has chosen by id, each with a column of the list, in the list's order.

        Whole rows are read only now: while a list is sorted and cut, descriptions would be in the way.
        """
        query = select(Product, extra).join(ids, ids.c.id == Product.id)
        order = [key.column.desc() if key.descending else key.column.asc() for key in keys]
        return (await self._session.execute(query.order_by(*order))).all()

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

    async def genre_pages(self, names: Sequence[str], page_request: PageRequest) -> list[Page[Listed]]:
        """A page of each genre, the most reviewed first, with a statement for so many genres."""
        keys = keys_of(Sort.MOST_REVIEWED, literal(0))
        rows: dict[str, list[Any]] = defaultdict(list)
        for start in range(0, len(names), GENRES_AT_ONCE):
            some = names[start : start + GENRES_AT_ONCE]
            ids = union_all(*[select(self._genre_ids(name, page_request).subquery()) for name in some]).subquery()
            for row in await self._listed(ids, ids.c.genre, keys):
                rows[row.genre].append(row)
        return [page_of(rows[name], keys, page_request) for name in names]

    def _genre_ids(self, name: str, page_request: PageRequest) -> Select[int, str]:
        query = select(Product.id, literal(name).label("genre")).where(*Filter(genre=name).conditions())
        return paginate(query, keys_of(Sort.MOST_REVIEWED, literal(0)), page_request)

    async def genre_sizes(self, names: Sequence[str]) -> dict[str, int]:
        query = select(ProductGenre.genre, func.count()).where(ProductGenre.genre.in_(names))
        rows = (await self._session.execute(query.group_by(ProductGenre.genre))).all()
        return {row[0]: row[1] for row in rows}

    # ---- publishing

    async def next_published_id(self) -> int:
        publication = Publication(published_at=utc_now())
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
