"""The SQL of products, of lists of them, and of genres."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, insert, literal, select, text, union_all, update

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import insert_missing, is_mysql
from subgraphs.kit.database.repository import Repository
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.product import models
from subgraphs.product.domain import Product, ProductFilter, ProductSort
from subgraphs.product.listing import PLATFORM_BITS, conditions, sort_keys
from subgraphs.product.pricing import Price
from subgraphs.product.search import FullTextSearch
from subgraphs.product.search_text import SearchText

# SQLite takes 500 SELECTs in one UNION.
GENRES_PER_STATEMENT = 400


class ProductRepository(Repository):
    """Products, lists of them, and genres."""

    # ---- products

    async def by_ids(self, ids: Collection[int]) -> dict[int, Product]:
        rows = await self._session.scalars(select(models.Product).where(models.Product.id.in_(ids)))
        return {row.id: _product(row) for row in rows}

    async def lock(self, product_id: int) -> Product | None:
        query = select(models.Product).where(models.Product.id == product_id).with_for_update()
        row = await self._session.scalar(query)
        return None if row is None else _product(row)

    async def set_discount(self, product_id: int, price: Price) -> None:
        discount = {"discount_percent": price.discount_percent, "points": price.points}
        await self._session.execute(update(models.Product).where(models.Product.id == product_id).values(discount))

    async def next_published_id(self) -> int:
        """A new id for a product that is published in the store."""
        publication = models.Publication(published_at=utc_now())
        self._session.add(publication)
        await self._session.flush()
        return models.FIRST_PUBLISHED_ID + publication.id

    async def add(self, product: Product, genres: Sequence[str]) -> None:
        """Adds a product with its genres, new ones included, and to the search index."""
        await self._session.execute(insert(models.Product).values(_columns(product)))
        await insert_missing(self._session, models.Genre, [{"name": name} for name in genres])
        links = [{"product_id": product.id, "genre": name} for name in genres]
        await self._session.execute(insert(models.ProductGenre), links)
        await self._index(product)

    async def _index(self, product: Product) -> None:
        entry = {"product_id": product.id, "title": product.title, "description": product.description}
        if is_mysql(self._session):
            await self._session.execute(insert(models.ProductSearch).values(entry))
            return
        columns = "(rowid, title, description) VALUES (:product_id, :title, :description)"
        await self._session.execute(text(f"INSERT INTO product_search {columns}"), entry)

    # ---- lists

    async def page(
        self, search: SearchText | None, filter: ProductFilter, sort: ProductSort, page_request: PageRequest
    ) -> Page[Product]:
        """A page of the products that match, in a stable order."""
        query, score = self._matching(select(models.Product.id), search, filter, ranked=sort is ProductSort.RELEVANCE)
        query = query.add_columns(score.label("score"))
        ids = paginate(query, sort_keys(sort, score), page_request).subquery()
        keys = sort_keys(sort, ids.c.score)
        return _page(await self._rows(ids, ids.c.score, keys), keys, page_request)

    async def count(self, search: SearchText | None, filter: ProductFilter) -> int:
        query, _ = self._matching(select(func.count(models.Product.id)), search, filter, ranked=False)
        return await self._session.scalar(query) or 0

    def _matching(
        self, query: Any, search: SearchText | None, filter: ProductFilter, ranked: bool
    ) -> tuple[Any, ColumnElement[int]]:
        """The query restricted to the products that match, and their score; it is 0 unless `ranked`."""
        score: ColumnElement[int] = literal(0)
        if search is not None:
            query, score = FullTextSearch(search, is_mysql(self._session)).apply(query, ranked)
        return query.where(*conditions(filter)), score

    async def _rows(self, ids: Subquery, extra: ColumnElement[Any], keys: Sequence[SortKey]) -> Sequence[Any]:
        """The products with these ids, each with one more column of the list, in the list's order.

        Read whole rows only now: descriptions would slow down the sorting of a list.
        """
        query = select(models.Product, extra).join(ids, ids.c.id == models.Product.id)
        order = [key.column.desc() if key.descending else key.column.asc() for key in keys]
        return (await self._session.execute(query.order_by(*order))).all()

    # ---- genres

    async def genres(self) -> list[str]:
        """The names of all genres, in order."""
        return list(await self._session.scalars(select(models.Genre.name).order_by(models.Genre.name)))

    async def genre_pages(self, names: Sequence[str], page_request: PageRequest) -> list[Page[Product]]:
        """For each genre a page of its products, the most reviewed first. One statement reads many genres."""
        keys = sort_keys(ProductSort.MOST_REVIEWED, literal(0))
        rows: dict[str, list[Any]] = defaultdict(list)
        for start in range(0, len(names), GENRES_PER_STATEMENT):
            some = names[start : start + GENRES_PER_STATEMENT]
            ids = union_all(*[select(_genre_ids(name, page_request).subquery()) for name in some]).subquery()
            for row in await self._rows(ids, ids.c.genre, keys):
                rows[row.genre].append(row)
        return [_page(rows[name], keys, page_request) for name in names]

    async def count_by_genre(self, names: Collection[str]) -> dict[str, int]:
        genre = models.ProductGenre.genre
        query = select(genre.label("name"), func.count().label("products")).where(genre.in_(names)).group_by(genre)
        return {row.name: row.products for row in await self._session.execute(query)}


def _genre_ids(name: str, page_request: PageRequest) -> Select[int, str]:
    query = select(models.Product.id, literal(name).label("genre")).where(*conditions(ProductFilter(genre=name)))
    return paginate(query, sort_keys(ProductSort.MOST_REVIEWED, literal(0)), page_request)


def _page(rows: Sequence[Any], keys: Sequence[SortKey], page_request: PageRequest) -> Page[Product]:
    page = page_of(rows, keys, page_request)
    return Page(
        rows=[_product(row.Product) for row in page.rows],
        cursors=page.cursors,
        has_next=page.has_next,
        has_previous=page.has_previous,
    )


def _product(row: models.Product) -> Product:
    return Product(
        id=row.id,
        publisher_id=row.publisher_id,
        title=row.title,
        description=row.description,
        header_image=row.header_image,
        released_on=row.released_on,
        price=Price(
            usd=row.usd,
            regular_points=row.regular_points,
            discount_percent=row.discount_percent,
            points=row.points,
        ),
        platforms=frozenset(platform for platform, bit in PLATFORM_BITS.items() if row.platforms & bit),
        positive_reviews=row.positive_reviews,
        negative_reviews=row.negative_reviews,
        review_score=row.review_score,
    )


def _columns(product: Product) -> dict[str, Any]:
    price = product.price
    return {
        "id": product.id,
        "publisher_id": product.publisher_id,
        "title": product.title,
        "description": product.description,
        "header_image": product.header_image,
        "released_on": product.released_on,
        "usd": price.usd,
        "regular_points": price.regular_points,
        "discount_percent": price.discount_percent,
        "points": price.points,
        "platforms": sum(PLATFORM_BITS[platform] for platform in product.platforms),
        "positive_reviews": product.positive_reviews,
        "negative_reviews": product.negative_reviews,
        "reviews": product.reviews,
        "review_score": product.review_score,
    }
