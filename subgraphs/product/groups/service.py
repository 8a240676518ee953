"""The products of genres, categories and companies.

Like other lists they are remembered for some seconds, and forgotten when something changes.
"""

from collections.abc import Awaitable, Callable

from subgraphs.kit.database.database import Database
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.short_cache import ShortCache
from subgraphs.product.domain import Group, Product
from subgraphs.product.groups.repository import GroupRepository

GroupList = tuple[str, Group, PageRequest]
WithProducts = Callable[[list[Page[int]]], Awaitable[list[Page[Product]]]]
"""Turns pages of ids into pages of products."""

LISTS = 500
SIZES = 1000
"""The most of each kind that are remembered."""


class Groups:
    """Reads many groups of a kind with one statement. Made for `Context.load`: every method takes names first."""

    def __init__(self, database: Database, life: float, with_products: WithProducts) -> None:
        self._database = database
        self._with_products = with_products
        self._lists = ShortCache[GroupList, Page[int]](life, LISTS)
        self._sizes = ShortCache[tuple[str, Group], int](life, SIZES)

    def clear(self) -> None:
        """Forgets everything."""
        self._lists.clear()
        self._sizes.clear()

    async def pages(self, names: list[str], group: Group, page_request: PageRequest) -> list[Page[Product]]:
        """A page of the products of each group, the most reviewed first."""

        async def read(missing: list[GroupList]) -> dict[GroupList, Page[int]]:
            async with self._database.reading() as session:
                pages = await GroupRepository(session).pages([name for name, *_ in missing], group, page_request)
            return {(name, group, page_request): page for name, page in pages.items()}

        wanted = [(name, group, page_request) for name in names]
        ids = await self._lists.many(wanted, read)
        return await self._with_products([ids[one] for one in wanted])

    async def sizes(self, names: list[str], group: Group) -> list[int]:
        """How many products each group has."""

        async def read(missing: list[tuple[str, Group]]) -> dict[tuple[str, Group], int]:
            async with self._database.reading() as session:
                sizes = await GroupRepository(session).sizes([name for name, _ in missing], group)
            return {(name, group): size for name, size in sizes.items()}

        wanted = [(name, group) for name in names]
        sizes = await self._sizes.many(wanted, read)
        return [sizes[one] for one in wanted]
