"""The SQL that reads lists of products. A list is read as ids; the products themselves are read elsewhere."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.database.repository import Repository
from subgraphs.kit.graphql.paging import Page, PageRequest, paginate, position
from subgraphs.product.lists import facets, needs, relevance, statements
from subgraphs.product.lists.domain import Counted, Facet, ProductFilter, ProductSort
from subgraphs.product.lists.needs import MANY, Need
from subgraphs.product.lists.relevance import STEP, Found, Tier
from subgraphs.product.lists.statements import ListShape
from subgraphs.product.lists.wanted import Wanted, wanted
from subgraphs.product.search.text import SearchText

Weigh = Callable[[AsyncSession, Sequence[Need]], Awaitable[dict[Need, int]]]


@dataclass(frozen=True)
class Sought:
    """A search by relevance: its text, how many words it has, what it demands, and where its page begins."""

    text: str
    words: int
    demanded: Wanted
    after: Found | None = None


class ListRepository(Repository):
    """Lists of products. `weigh` tells how many products meet needs, by `weights` or from memory."""

    def __init__(self, session: AsyncSession, weigh: Weigh) -> None:
        super().__init__(session)
        self._weigh = weigh

    async def page(
        self, search: SearchText | None, filter: ProductFilter, sort: ProductSort, page_request: PageRequest
    ) -> Page[int]:
        """A page of the products that match, in a stable order. Raises BadUserInput for a cursor of another list."""
        if search is not None and sort is ProductSort.RELEVANCE:
            return await self._relevant(search, filter, page_request)
        demanded = wanted(search, filter)
        shape = await self._shape(demanded)
        if page_request.after is None:
            query, order = statements.first_page(shape, sort, page_request.first)
        else:
            query, order = statements.listed(shape, sort)
            query = paginate(query, order.keys, page_request)
        rows = (await self._session.execute(query, demanded.values)).all()
        return statements.page_of_ids(rows, order.keys, page_request)

    async def count(self, search: SearchText | None, filter: ProductFilter) -> int:
        demanded = wanted(search, filter)
        shape = await self._counted_shape(demanded)
        return await self._session.scalar(statements.size(shape), demanded.values) or 0

    async def facet(self, facet: Facet, search: SearchText | None, filter: ProductFilter) -> list[Counted]:
        """How many of the products that match have which value."""
        demanded = wanted(search, filter)
        query = facets.counted(facet, await self._counted_shape(demanded))
        return [Counted(*row) for row in await self._session.execute(query, demanded.values)]

    async def matches(self, search: SearchText) -> bool:
        """Whether any product has all words."""
        demanded = wanted(search, ProductFilter())
        _, weight = await self._rarest(demanded.needs)
        if weight == 0 or len(demanded.needs) == 1:
            return weight > 0
        shape = await self._counted_shape(demanded)
        return await self._session.scalar(relevance.any_match(shape), demanded.values) is not None

    async def best(self, search: SearchText, count: int) -> list[int]:
        """The products with all words in the title, the best first."""
        sought = Sought(search.text, len(search.words), wanted(search, ProductFilter()))
        exact = await self._exact(sought)
        return [found.id for found in [*exact, *await self._tier(Tier.TITLED, sought, exact, count)]]

    async def _counted_shape(self, demanded: Wanted) -> ListShape:
        """The shape of a list that is read as a whole: what the fewest products meet is looked up first."""
        start, weight = await self._rarest(demanded.needs)
        shapes = tuple(need.shape for need in demanded.needs)
        if demanded.conditions and len(shapes) == 1 and weight >= MANY and not needs.is_single(shapes[0]):
            start = None  # so many links would first be made unique
        return ListShape(shapes, tuple(demanded.conditions), start)

    async def _shape(self, demanded: Wanted, weighed: Sequence[Need] = ()) -> ListShape:
        """The shape of a list that is read until a page is full."""
        start, weight = await self._rarest(weighed or demanded.needs)
        shapes = tuple(need.shape for need in demanded.needs)
        return ListShape(shapes, tuple(demanded.conditions), start if weight < MANY else None)

    async def _rarest(self, demanded: Sequence[Need]) -> tuple[int | None, int]:
        """The place of the need that the fewest products meet, and their number. MANY where there is no need."""
        if not demanded:
            return None, MANY
        weights = await self._weigh(self._session, demanded)
        place = min(range(len(demanded)), key=lambda place: weights.get(demanded[place], 0))
        return place, weights.get(demanded[place], 0)

    # ---- by relevance

    async def _relevant(self, search: SearchText, filter: ProductFilter, page_request: PageRequest) -> Page[int]:
        after = Found(*position(page_request.after, relevance.KEYS)[::-1]) if page_request.after else None
        sought, size = Sought(search.text, len(search.words), wanted(search, filter), after), page_request.first + 1
        shape = await self._shape(sought.demanded)
        if shape.start is None:
            rows = await self._walked(sought, size)
        else:
            query = relevance.sorted_page(shape, sought.words, goes_on=after is not None)
            rows = await self._found(query, sought, after, limit=size)
        return statements.page_of_ids(rows, relevance.KEYS, page_request)

    async def _walked(self, sought: Sought, size: int) -> list[Found]:
        """The products of a search that very many match: tier by tier, until there are `size`."""
        after, exact = sought.after, await self._exact(sought)
        rows = [found for found in exact if after is None or (found.key, found.id) < (after.key, after.id)]
        for tier in (Tier.TITLED, Tier.DESCRIBED) if sought.words else (Tier.TITLED,):
            if len(rows) < size:
                rows += await self._tier(tier, sought, exact, size - len(rows))
        return rows[:size]

    async def _exact(self, sought: Sought) -> list[Found]:
        shapes = tuple(need.shape for need in sought.demanded.needs)
        walked = ListShape(shapes, tuple(sought.demanded.conditions), None)
        return await self._found(relevance.exact(walked, sought.words), sought, None)

    async def _tier(self, tier: Tier, sought: Sought, exact: Sequence[Found], limit: int) -> list[Found]:
        """The products with all words in the title, or those of all tiers below, that come after a position."""
        after, words, weighed = sought.after, sought.words, sought.demanded.needs
        if after is not None and after.key < tier * STEP:
            return []
        page, above = relevance.rest_page, Tier.TITLED
        if tier is Tier.TITLED:
            page, above = relevance.titled_page, Tier.EXACT
            weighed = tuple(need.in_title for need in weighed[:words]) + weighed[words:]
        goes_on = after is not None and after.key < above * STEP
        behind = Found(after.id, after.key - tier * STEP) if after is not None else None
        query = page(await self._shape(sought.demanded, weighed), words, bool(exact), goes_on)
        return await self._found(query, sought, behind, limit=limit, exact=[found.id for found in exact])

    async def _found(
        self, query: statements.Query, sought: Sought, after: Found | None, **parameters: Any
    ) -> list[Found]:
        values = sought.demanded.values | {"text": sought.text} | parameters
        if after is not None:
            values |= {"key": after.key, "last": after.id}
        return [Found(row.id, row.key) for row in await self._session.execute(query, values)]


async def weights(session: AsyncSession, demanded: Sequence[Need]) -> dict[Need, int]:
    """How many products meet each need; MANY stands for that many or more."""
    query = needs.weights(tuple(need.shape for need in demanded))
    row = (await session.execute(query, needs.parameters(demanded))).one()
    return dict(zip(demanded, row, strict=True))
