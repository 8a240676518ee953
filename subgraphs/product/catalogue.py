"""Reading the catalogue.

What pages show is remembered for some seconds: products, lists of their ids, counts and genres. It is forgotten when
something changes. What few ask for is read each time.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from subgraphs.kit.database.database import Database
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.short_cache import ShortCache
from subgraphs.product.domain import Product, ProductFilter, ProductSort
from subgraphs.product.groups import Groups
from subgraphs.product.links import Links
from subgraphs.product.repository import ProductRepository
from subgraphs.product.search_text import SearchText
from subgraphs.product.validation import product_number

R = TypeVar("R")
List = tuple[SearchText | None, ProductFilter, ProductSort, PageRequest]
Counted = tuple[SearchText | None, ProductFilter]

PRODUCTS = 10_000
LISTS = 500
COUNTS = 1000
"""The most of each kind that are remembered."""


class Catalogue:
    """Reads the catalogue, and remembers what it has read for `life` seconds; with 0 it reads everything anew."""

    def __init__(self, database: Database, life: float) -> None:
        self._database = database
        self._products = ShortCache[int, Product](life, PRODUCTS)
        self._lists = ShortCache[List, Page[int]](life, LISTS)
        self._counts = ShortCache[Counted, int](life, COUNTS)
        self._genres = ShortCache[None, list[str]](life, 1)
        self.groups = Groups(database, life, self._shown)
        self._summaries = (self._lists, self._counts, self._genres, self.groups)
        self.links = Links(database)

    def changed(self, product_id: int) -> None:
        """Forgets a product, and all lists, counts and genres: the change may show in any of them."""
        self._products.drop(product_id)
        for summary in self._summaries:
            summary.clear()

    def clear(self) -> None:
        """Forgets everything."""
        for cache in (self._products, *self._summaries):
            cache.clear()

    # ---- products

    async def by_ids(self, ids: list[str]) -> list[Product | None]:
        """The products with these ids, in order; None for an unknown id."""
        numbers = [product_number(product_id) for product_id in ids]
        products = await self._by_numbers([number for number in numbers if number is not None])
        return [None if number is None else products.get(number) for number in numbers]

    async def descriptions(self, ids: list[str]) -> list[str]:
        """The descriptions of products that exist, in order."""
        numbers = [int(product_id) for product_id in ids]
        descriptions = await self._read(lambda products: products.descriptions(numbers))
        return [descriptions[number] for number in numbers]

    async def _by_numbers(self, numbers: list[int]) -> dict[int, Product]:
        async def read(missing: list[int]) -> dict[int, Product]:
            return await self._read(lambda products: products.by_ids(missing))

        return await self._products.many(numbers, read)

    # ---- lists

    async def page(
        self, search: str | None, filter: ProductFilter, sort: ProductSort, page_request: PageRequest
    ) -> Page[Product]:
        """A page of the products that match a search text and a filter. Raises BadUserInput."""
        text = SearchText.parse(search)
        if text is None and sort is ProductSort.RELEVANCE:
            sort = ProductSort.MOST_REVIEWED
        wanted = text, filter, sort, page_request
        ids = await self._lists.one(wanted, partial(self._read, lambda products: products.page(*wanted)))
        return (await self._shown([ids]))[0]

    async def count(self, search: str | None, filter: ProductFilter) -> int:
        """How many products match. Raises BadUserInput."""
        wanted = SearchText.parse(search), filter
        return await self._counts.one(wanted, partial(self._read, lambda products: products.count(*wanted)))

    async def _shown(self, pages: list[Page[int]]) -> list[Page[Product]]:
        """Pages of ids as pages of products."""
        products = await self._by_numbers([product_id for page in pages for product_id in page.rows])
        return [
            Page([products[product_id] for product_id in page.rows], page.cursors, page.has_next, page.has_previous)
            for page in pages
        ]

    # ---- genres

    async def genres(self) -> list[str]:
        """The names of all genres, in order."""
        return await self._genres.one(None, partial(self._read, ProductRepository.genres))

    async def _read(self, read: Callable[[ProductRepository], Awaitable[R]]) -> R:
        async with self._database.reading() as session:
            return await read(ProductRepository(session))
