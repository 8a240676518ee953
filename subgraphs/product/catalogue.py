"""Reading the catalogue.

What pages show is remembered for some seconds: products, lists of their ids, counts and genres. It is forgotten when
something changes. What few ask for is read each time.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeVar

from subgraphs.kit.database.database import Database
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.short_cache import ShortCache
from subgraphs.product.discounts.due import DueDiscounts
from subgraphs.product.domain import Product
from subgraphs.product.groups.service import Groups
from subgraphs.product.links.service import Links
from subgraphs.product.lists.domain import Counted, Facet, ProductFilter, ProductSort
from subgraphs.product.lists.service import Lists, Meaning
from subgraphs.product.repository import ProductRepository
from subgraphs.product.validation import product_number
from subgraphs.product.withdrawn.service import WithdrawnProducts

R = TypeVar("R")

PRODUCTS = 10_000
"""The most that are remembered."""


class Catalogue:
    """Reads the catalogue, and remembers what it has read for `life` seconds; with 0 it reads everything anew."""

    def __init__(
        self, database: Database, life: float, withdrawn: WithdrawnProducts, due_discounts: DueDiscounts
    ) -> None:
        self._database = database
        self._due_discounts = due_discounts
        self._products = ShortCache[int, Product](life, PRODUCTS)
        self._genres = ShortCache[None, list[str]](life, 1)
        self.groups = Groups(database, life, self._with_current_products)
        self._summaries = (self._genres, self.groups)
        self.links = Links(database)
        self.withdrawn = withdrawn
        self.lists = Lists(database, life)

    def changed(self, *product_ids: int) -> None:
        """Forgets products, and all lists, counts and genres: the changes may show in any of them."""
        for product_id in product_ids:
            self._products.drop(product_id)
        self._clear_summaries()

    def clear(self) -> None:
        """Forgets everything."""
        self._products.clear()
        self._clear_summaries()

    def _clear_summaries(self) -> None:
        self.lists.clear()
        for summary in self._summaries:
            summary.clear()

    # ---- products

    async def by_ids(self, ids: list[str]) -> list[Product | None]:
        """The products with these ids, in order, withdrawn ones included; None for an unknown id."""
        await self._due_discounts.end()
        numbers = [product_number(product_id) for product_id in ids]
        products = await self._by_numbers([number for number in numbers if number is not None])
        return [None if number is None else products.get(number) for number in numbers]

    async def descriptions(self, ids: list[str]) -> list[str]:
        """The descriptions of products that exist, in order."""
        numbers = [int(product_id) for product_id in ids]
        descriptions = await self._read(lambda products: products.descriptions(numbers))
        withdrawn = await self.withdrawn.by_ids([number for number in numbers if number not in descriptions])
        descriptions |= {number: one.description for number, one in withdrawn.items()}
        return [descriptions[number] for number in numbers]

    async def _by_numbers(self, numbers: list[int]) -> dict[int, Product]:
        async def read(missing: list[int]) -> dict[int, Product]:
            products = await self._read(lambda products: products.by_ids(missing))
            withdrawn = await self.withdrawn.by_ids([number for number in missing if number not in products])
            return products | {number: one.product for number, one in withdrawn.items()}

        return await self._products.many(numbers, read)

    # ---- lists

    async def page(
        self, meaning: Meaning, filter: ProductFilter, sort: ProductSort, page_request: PageRequest
    ) -> Page[Product]:
        """A page of the products that match a search and a filter. Raises BadUserInput if `after` is another list's."""
        await self._due_discounts.end()
        return (await self._with_products([await self.lists.page(meaning.search, filter, sort, page_request)]))[0]

    async def count(self, meaning: Meaning, filter: ProductFilter) -> int:
        """How many products match."""
        await self._due_discounts.end()
        return await self.lists.count(meaning.search, filter)

    async def facet(self, facet: Facet, meaning: Meaning, filter: ProductFilter) -> list[Counted]:
        """How many of the products that match have which value."""
        await self._due_discounts.end()
        return await self.lists.facet(facet, meaning.search, filter)

    async def titles(self, prefix: str, first: int) -> list[str]:
        """Titles that people may be typing, each once, the best first. Raises BadUserInput."""
        search = (await self.lists.meaning(prefix)).search
        ids = await self.lists.best(search, 2 * first) if search else []
        products = await self._by_numbers(ids)
        return list(dict.fromkeys(products[product_id].title for product_id in ids))[:first]

    async def _with_current_products(self, pages: list[Page[int]]) -> list[Page[Product]]:
        """Like `_with_products`, once the discounts that are due have ended."""
        await self._due_discounts.end()
        return await self._with_products(pages)

    async def _with_products(self, pages: list[Page[int]]) -> list[Page[Product]]:
        """Turns pages of ids into pages of products. Leaves out what was withdrawn after its id was read."""
        products = await self._by_numbers([product_id for page in pages for product_id in page.rows])
        return [_offered(page, products) for page in pages]

    # ---- what a seller has published

    async def published_by(self, user_id: str, page_request: PageRequest) -> Page[Product]:
        """A user's products, withdrawn ones included, the newest first."""
        await self._due_discounts.end()
        page = await self._read(lambda products: products.published_by(user_id, page_request))
        products = await self._by_numbers(list(page.rows))
        return page.map(products.__getitem__)

    async def count_published_by(self, user_id: str) -> int:
        return await self._read(lambda products: products.count_published_by(user_id))

    # ---- genres

    async def genres(self) -> list[str]:
        """The names of all genres, in order."""
        return await self._genres.one(None, partial(self._read, ProductRepository.genres))

    async def _read(self, read: Callable[[ProductRepository], Awaitable[R]]) -> R:
        async with self._database.reading() as session:
            return await read(ProductRepository(session))


def _offered(page: Page[int], products: Mapping[int, Product]) -> Page[Product]:
    rows = [(products[one], cursor) for one, cursor in zip(page.rows, page.cursors, strict=True)]
    offered = [(product, cursor) for product, cursor in rows if product.withdrawn_at is None]
    return Page([one for one, _ in offered], [cursor for _, cursor in offered], page.has_next, page.has_previous)
