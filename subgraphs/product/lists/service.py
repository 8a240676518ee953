"""Lists of products, remembered: their pages for some seconds, their counts until the catalogue changes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.database.database import Database
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.short_cache import ShortCache
from subgraphs.product.lists.domain import Counted, Facet, ProductFilter, ProductSort
from subgraphs.product.lists.needs import Need
from subgraphs.product.lists.repository import ListRepository, weights
from subgraphs.product.repository import ProductRepository, Version
from subgraphs.product.search.spelling import Vocabulary, best_known
from subgraphs.product.search.text import SearchText

R = TypeVar("R")
List = tuple[SearchText | None, ProductFilter, ProductSort, PageRequest]
ListCount = tuple[SearchText | None, ProductFilter, Version | None]
FacetCount = tuple[Facet, SearchText | None, ProductFilter, Version | None]

LISTS = 500
COUNTS = 1000
FACETS = 200
NEEDS = 10_000
"""The most of each kind that are remembered."""
COUNTS_LIFE = 3600.0
"""A count is right until the catalogue changes. After this time it is forgotten, should anyone change it by hand."""
WEIGHTS_LIFE = 600.0
"""How many products have a word only tells where to begin: it may be old."""
VOCABULARY_LIFE = 600.0


@dataclass(frozen=True)
class Meaning:
    """What a search looks for: the text itself or, where nothing has all of its words, a suggestion."""

    search: SearchText | None
    suggestion: str | None = None


EVERYTHING = Meaning(None)
"""No search."""


class Lists:
    """Reads lists of products, and remembers their pages and counts. With a `life` of 0 it remembers nothing."""

    def __init__(self, database: Database, life: float) -> None:
        self._database = database
        self._keeps_counts = life > 0
        counts_life = COUNTS_LIFE if self._keeps_counts else 0
        self._pages = ShortCache[List, Page[int]](life, LISTS)
        self._meanings = ShortCache[SearchText, Meaning](life, LISTS)
        self._counts = ShortCache[ListCount, int](counts_life, COUNTS)
        self._facets = ShortCache[FacetCount, list[Counted]](counts_life, FACETS)
        self._weights = ShortCache[Need, int](WEIGHTS_LIFE, NEEDS)
        self._vocabulary = ShortCache[None, Vocabulary](VOCABULARY_LIFE if life else 0, 1)
        self._summaries = (self._pages, self._meanings)

    def clear(self) -> None:
        """Forgets what a change may show in."""
        for summary in self._summaries:
            summary.clear()

    async def meaning(self, text: str | None) -> Meaning:
        """What a search text looks for. Raises BadUserInput."""
        search = SearchText.parse(text)
        if search is None or not search.words:
            return Meaning(search)
        return await self._meanings.one(search, partial(self._meant, search))

    async def page(
        self, search: SearchText | None, filter: ProductFilter, sort: ProductSort, page_request: PageRequest
    ) -> Page[int]:
        """A page of the products that match."""
        if search is None and sort is ProductSort.RELEVANCE:
            sort = ProductSort.MOST_REVIEWED
        wanted = search, filter, sort, page_request
        return await self._pages.one(wanted, partial(self._read, lambda lists: lists.page(*wanted)))

    async def count(self, search: SearchText | None, filter: ProductFilter) -> int:
        """How many products match."""
        wanted = search, filter, await self._version()
        return await self._counts.one(wanted, partial(self._read, lambda lists: lists.count(search, filter)))

    async def facet(self, facet: Facet, search: SearchText | None, filter: ProductFilter) -> list[Counted]:
        """How many of the products that match have which value."""
        wanted = facet, search, filter, await self._version()
        return await self._facets.one(wanted, partial(self._read, lambda lists: lists.facet(facet, search, filter)))

    async def best(self, search: SearchText, count: int) -> list[int]:
        """The products with all words in the title, the best first."""
        return await self._read(lambda lists: lists.best(search, count))

    async def _meant(self, search: SearchText) -> Meaning:
        if await self._read(lambda lists: lists.matches(search)):
            return Meaning(search)
        vocabulary = await self._vocabulary.one(None, self._read_vocabulary)
        alternatives = vocabulary.alternatives(search)
        if not alternatives:
            return Meaning(search)
        words = {word for some in alternatives for words in some for word in words}
        async with self._database.reading() as session:
            suggestion = best_known(alternatives, await ProductRepository(session).fame(words))
        return Meaning(SearchText.parse(suggestion), suggestion)

    async def _read_vocabulary(self) -> Vocabulary:
        async with self._database.reading() as session:
            return Vocabulary(await ProductRepository(session).title_words())

    async def _version(self) -> Version | None:
        """What the catalogue's counts depend on; None where none are kept."""
        if not self._keeps_counts:
            return None
        async with self._database.reading() as session:
            return await ProductRepository(session).version()

    async def _weigh(self, session: AsyncSession, needs: Sequence[Need]) -> dict[Need, int]:
        async def read(missing: list[Need]) -> dict[Need, int]:
            # What nothing meets is asked for again: that can change with one new product.
            return {need: weight for need, weight in (await weights(session, missing)).items() if weight}

        return await self._weights.many(needs, read)

    async def _read(self, read: Callable[[ListRepository], Awaitable[R]]) -> R:
        async with self._database.reading() as session:
            return await read(ListRepository(session, self._weigh))
