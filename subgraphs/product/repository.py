"""The SQL of products and of genres' names."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, bindparam, delete, exists, func, insert, select, union_all, update

from subgraphs.contracts.product import Offer
from subgraphs.kit.database.columns import json_list, utc_now
from subgraphs.kit.database.database import insert_missing
from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.product import models
from subgraphs.product.domain import Product
from subgraphs.product.rows import columns_of, offer_of, product_of
from subgraphs.product.search.words import index_rows

ROWS_AT_ONCE = 1000

_C = table_of(models.Product).c
_GENRES = table_of(models.ProductGenre).c
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_genres = select(json_list(_GENRES.genre)).where(_GENRES.product_id == _C.id).scalar_subquery().label("genres")
_ENDS = table_of(models.DiscountEnd).c
_ends_at = select(_ENDS.ends_at).where(_ENDS.product_id == _C.id).scalar_subquery().label("discount_ends_at")
# Made once: a statement then knows the key of its compiled text.
PRODUCTS = select(*[column for column in _C if column is not _C.description], _genres, _ends_at).where(_C.id.in_(_IDS))
LOCK = select(_C.id).where(_C.id.in_(_IDS)).with_for_update()
DESCRIPTIONS = select(_C.id, _C.description).where(_C.id.in_(_IDS))
_has_ended = exists().where(_ENDS.product_id == _C.id, _ENDS.ends_at <= utc_now()).label("discount_has_ended")
OFFERS = select(_C.id, _C.publisher_id, _C.points, _C.regular_points, _C.discount_percent, _C.title, _has_ended).where(
    _C.id.in_(_IDS)
)
GENRES = select(table_of(models.Genre).c.name).order_by(table_of(models.Genre).c.name)
_CHANGES = table_of(models.CatalogueChange).c
# The number of the last ones, too: of two changes, the one with the smaller id may be committed later.
_LAST = select(func.max(_CHANGES.id) - 1000).scalar_subquery()
VERSION = select(func.max(_CHANGES.id), func.count()).where(_CHANGES.id > _LAST)
_WORDS = table_of(models.ProductWord).c
# Counted, since MariaDB would read DISTINCT words by one look-up for each.
WORDS = select(_WORDS.word, func.count()).where(_WORDS.in_title == 1).group_by(_WORDS.word)
FAME = (
    select(_WORDS.word, func.max(_C.reviews).label("reviews"))
    .join(_C.id.table, _C.id == _WORDS.product_id)
    .where(_WORDS.word.in_(_IDS), _WORDS.in_title == 1)
    .group_by(_WORDS.word)
)
_WITHDRAWN = table_of(models.WithdrawnProduct).c
_published = union_all(
    select(_C.id.label("id")).where(_C.publisher_id == bindparam("user")),
    select(_WITHDRAWN.product_id).where(_WITHDRAWN.publisher_id == bindparam("user")),
).subquery()
PUBLISHED = select(_published.c.id)
PUBLISHED_KEYS = [SortKey(_published.c.id, lambda row: int(row.id), descending=True)]


class Version(NamedTuple):
    """The catalogue as it was after a change."""

    last: int | None
    changes: int


class ProductRepository(Repository):
    """Products and genres."""

    # ---- products

    async def by_ids(self, ids: Collection[int]) -> dict[int, Product]:
        rows = await self._session.execute(PRODUCTS, {"ids": list(ids)})
        return {row.id: product_of(row) for row in rows}

    async def lock(self, product_id: int) -> bool:
        """Locks a product; whether it is offered.

        It is read after that: a statement that does both sees in its subqueries what was there before the lock.
        """
        return (await self._session.execute(LOCK, {"ids": [product_id]})).first() is not None

    async def descriptions(self, ids: Collection[int]) -> dict[int, str]:
        rows = await self._session.execute(DESCRIPTIONS, {"ids": list(ids)})
        return {row.id: row.description for row in rows}

    async def offers(self, ids: Collection[int]) -> list[Offer]:
        """What the products that exist cost now, and are called."""
        return [offer_of(row) for row in await self._session.execute(OFFERS, {"ids": list(ids)})]

    async def next_published_id(self) -> int:
        """A new id for a product that is published in the store."""
        publication = models.Publication(published_at=utc_now())
        self._session.add(publication)
        await self._session.flush()
        return models.FIRST_PUBLISHED_ID + publication.id

    async def add(self, product: Product, description: str) -> None:
        """Adds a product with its genres, new ones included, and to the search index."""
        await self._session.execute(insert(models.Product).values(columns_of(product) | {"description": description}))
        await self._add_genres(product)
        await self._add_words(product, description)

    async def save(self, product: Product) -> None:
        """Writes the columns of a locked product but its description."""
        row = columns_of(product)
        await self._session.execute(update(models.Product).where(models.Product.id == row.pop("id")).values(row))

    async def set_genres(self, product: Product) -> None:
        """Replaces the genres of a locked product."""
        await self._session.execute(delete(models.ProductGenre).where(models.ProductGenre.product_id == product.id))
        await self._add_genres(product)

    async def set_texts(self, product: Product, description: str) -> None:
        """Sets the description of a locked product, and replaces its words in the search index."""
        changed = update(models.Product).where(models.Product.id == product.id).values(description=description)
        await self._session.execute(changed)
        await self._session.execute(delete(models.ProductWord).where(models.ProductWord.product_id == product.id))
        await self._add_words(product, description)

    async def _add_genres(self, product: Product) -> None:
        await insert_missing(self._session, models.Genre, [{"name": name} for name in product.genres])
        links = [{"product_id": product.id, "genre": name} for name in product.genres]
        await self._session.execute(insert(models.ProductGenre), links)

    async def _add_words(self, product: Product, description: str) -> None:
        words = index_rows(product.id, product.title, description)
        columns = ("product_id", "word", "in_title")
        await self._session.execute(insert(models.ProductWord), [dict(zip(columns, row, strict=True)) for row in words])

    async def note_change(self) -> None:
        """Tells all processes, with this transaction, that counts of before are no longer right."""
        await self._session.execute(insert(models.CatalogueChange).values())

    # ---- the catalogue as a whole

    async def version(self) -> Version:
        """Changes with each transaction that changes the catalogue."""
        return Version(*(await self._session.execute(VERSION)).one())

    async def title_words(self) -> list[str]:
        """The words of all titles."""
        words: list[str] = []
        # In parts: all rows at once would take several times the memory of the words.
        async for rows in (await self._session.stream(WORDS)).partitions(ROWS_AT_ONCE):
            words += [row.word for row in rows]
        return words

    async def fame(self, words: Collection[str]) -> dict[str, int]:
        """The reviews of the most reviewed product with each word in its title."""
        return {row.word: row.reviews for row in await self._session.execute(FAME, {"ids": list(words)})}

    # ---- what a seller has published

    async def published_by(self, user_id: str, page_request: PageRequest) -> Page[int]:
        """The user's products by their ids, withdrawn ones included, the newest first."""
        rows = await self._session.execute(paginate(PUBLISHED, PUBLISHED_KEYS, page_request), {"user": user_id})
        return page_of(rows.all(), PUBLISHED_KEYS, page_request).map(lambda row: row.id)

    async def count_published_by(self, user_id: str) -> int:
        query = select(func.count()).select_from(PUBLISHED.subquery())
        return await self._session.scalar(query, {"user": user_id}) or 0

    # ---- genres

    async def genres(self) -> list[str]:
        """The names of all genres, in order."""
        return list(await self._session.scalars(GENRES))
