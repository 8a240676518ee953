"""The SQL of products, of lists of them, and of genres."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, insert, literal, select, text, union_all, update

from subgraphs.contracts.product import Offer
from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import insert_missing, is_mysql
from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.kit.graphql.paging import Page, PageRequest, page_of, paginate
from subgraphs.product import listing, models
from subgraphs.product.domain import Product, ProductFilter, ProductSort
from subgraphs.product.listing import ORDERS, PLATFORM_BITS, Order
from subgraphs.product.pricing import Price
from subgraphs.product.search import FullTextSearch
from subgraphs.product.search_text import SearchText

# SQLite takes 500 SELECTs in one UNION.
GENRES_PER_STATEMENT = 400

_C = table_of(models.Product).c
_GENRES = table_of(models.ProductGenre).c
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
# Made once: a statement then knows the key of its compiled text.
PRODUCTS = select(*[column for column in _C if column is not _C.description]).where(_C.id.in_(_IDS))
LOCKED = PRODUCTS.with_for_update()
DESCRIPTIONS = select(_C.id, _C.description).where(_C.id.in_(_IDS))
OFFERS = select(_C.id, _C.publisher_id, _C.points, _C.discount_percent).where(_C.id.in_(_IDS))
GENRES_OF_PRODUCTS = select(_GENRES.product_id, _GENRES.genre).where(_GENRES.product_id.in_(_IDS))
GENRES = select(table_of(models.Genre).c.name).order_by(table_of(models.Genre).c.name)
SIZES = select(_GENRES.genre, func.count().label("products")).where(_GENRES.genre.in_(_IDS)).group_by(_GENRES.genre)


class ProductRepository(Repository):
    """Products, lists of them, and genres."""

    # ---- products

    async def by_ids(self, ids: Collection[int]) -> dict[int, Product]:
        return await self._products(PRODUCTS, ids)

    async def lock(self, product_id: int) -> Product | None:
        return (await self._products(LOCKED, [product_id])).get(product_id)

    async def _products(self, query: Select[*tuple[Any, ...]], ids: Collection[int]) -> dict[int, Product]:
        rows = (await self._session.execute(query, {"ids": list(ids)})).all()
        if not rows:
            return {}
        genres = defaultdict(list)
        for product_id, genre in await self._session.execute(GENRES_OF_PRODUCTS, {"ids": [row.id for row in rows]}):
            genres[product_id].append(genre)
        return {row.id: _product(row, genres[row.id]) for row in rows}

    async def descriptions(self, ids: Collection[int]) -> dict[int, str]:
        rows = await self._session.execute(DESCRIPTIONS, {"ids": list(ids)})
        return {row.id: row.description for row in rows}

    async def offers(self, ids: Collection[int]) -> list[Offer]:
        """What the products that exist cost now."""
        return [_offer(row) for row in await self._session.execute(OFFERS, {"ids": list(ids)})]

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
        await self._session.execute(insert(models.Product).values(_columns(product) | {"description": description}))
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
        values = listing.parameters(filter)
        if search is not None:
            query, order = self._found(search, values, sort, page_request)
        elif page_request.after is None:
            query, order = listing.first_page(tuple(values), sort, page_request.first), ORDERS[sort]
        else:
            order = ORDERS[sort]
            query = paginate(order.listed().where(*listing.conditions(values)), order.keys, page_request)
        return _page((await self._session.execute(query, values)).all(), order, page_request)

    def _found(
        self, search: SearchText, conditions: Collection[str], sort: ProductSort, page_request: PageRequest
    ) -> tuple[Select[*tuple[Any, ...]], Order]:
        """The page of the products that a search finds, and its order."""
        ranked = sort is ProductSort.RELEVANCE
        query, score = FullTextSearch(search, is_mysql(self._session)).apply(select(_C.id), ranked)
        order = Order.by_score(score) if ranked else ORDERS[sort]
        query = query.add_columns(order.column.label("key")).where(*listing.conditions(conditions))
        return paginate(query, order.keys, page_request), order

    async def count(self, search: SearchText | None, filter: ProductFilter) -> int:
        values = listing.parameters(filter)
        query = listing.size(tuple(values))
        if search is not None:
            query, _ = FullTextSearch(search, is_mysql(self._session)).apply(query, ranked=False)
        return await self._session.scalar(query, values) or 0

    # ---- genres

    async def genres(self) -> list[str]:
        """The names of all genres, in order."""
        return list(await self._session.scalars(GENRES))

    async def genre_pages(self, names: Sequence[str], page_request: PageRequest) -> dict[str, Page[int]]:
        """For each genre a page of its products, the most reviewed first. One statement reads many genres."""
        order = ORDERS[ProductSort.MOST_REVIEWED]
        rows: dict[str, list[Any]] = defaultdict(list)
        for start in range(0, len(names), GENRES_PER_STATEMENT):
            some = names[start : start + GENRES_PER_STATEMENT]
            found = union_all(*[select(_genre_page(name, order, page_request).subquery()) for name in some]).subquery()
            in_order = select(found).order_by(found.c.key.desc(), found.c.id.desc())
            for row in await self._session.execute(in_order):
                rows[row.genre].append(row)
        return {name: _page(rows[name], order, page_request) for name in names}

    async def count_by_genre(self, names: Collection[str]) -> dict[str, int]:
        rows = await self._session.execute(SIZES, {"ids": list(names)})
        return dict.fromkeys(names, 0) | {row.genre: row.products for row in rows}


def _genre_page(name: str, order: Order, page_request: PageRequest) -> Select[*tuple[Any, ...]]:
    query = order.listed().add_columns(literal(name).label("genre")).where(listing.has_genre(name))
    return paginate(query, order.keys, page_request)


def _page(rows: Sequence[Any], order: Order, page_request: PageRequest) -> Page[int]:
    page = page_of(rows, order.keys, page_request)
    return Page([row.id for row in page.rows], page.cursors, page.has_next, page.has_previous)


def _product(row: Any, genres: Iterable[str]) -> Product:
    return Product(
        id=row.id,
        publisher_id=row.publisher_id,
        title=row.title,
        header_image=row.header_image,
        released_on=row.released_on,
        price=Price(
            usd=row.usd,
            regular_points=row.regular_points,
            discount_percent=row.discount_percent,
            points=row.points,
        ),
        platforms=frozenset(platform for platform, bit in PLATFORM_BITS.items() if row.platforms & bit),
        genres=tuple(sorted(genres)),
        positive_reviews=row.positive_reviews,
        negative_reviews=row.negative_reviews,
        review_score=row.review_score,
    )


def _offer(row: Any) -> Offer:
    return Offer(
        product_id=str(row.id),
        exists=True,
        publisher_id=row.publisher_id,
        points=row.points,
        discount_percent=row.discount_percent,
    )


def _columns(product: Product) -> dict[str, Any]:
    price = product.price
    return {
        "id": product.id,
        "publisher_id": product.publisher_id,
        "title": product.title,
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
