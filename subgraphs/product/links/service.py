"""What is linked to products: companies, tags, categories, languages and media.

Every method takes product ids and gives a list for each, in order: made for `Context.load`.
"""

from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from subgraphs.kit.database.database import Database
from subgraphs.product.domain import Company, Language, Media, Tag
from subgraphs.product.links.repository import LinkRepository

V = TypeVar("V")


class Links:
    """Reads the links of products, each kind with one statement for many products."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def companies(self, product_ids: list[str]) -> list[list[Company]]:
        """In the order in which the product names them."""
        return await self._read(LinkRepository.companies, product_ids)

    async def tags(self, product_ids: list[str]) -> list[list[Tag]]:
        """The most voted first."""
        return await self._read(LinkRepository.tags, product_ids)

    async def categories(self, product_ids: list[str]) -> list[list[str]]:
        """By name."""
        return await self._read(LinkRepository.categories, product_ids)

    async def languages(self, product_ids: list[str]) -> list[list[Language]]:
        """By name."""
        return await self._read(LinkRepository.languages, product_ids)

    async def media(self, product_ids: list[str]) -> list[list[Media]]:
        """In the order in which the product shows them."""
        return await self._read(LinkRepository.media, product_ids)

    async def _read(
        self,
        read: Callable[[LinkRepository, Collection[int]], Awaitable[dict[int, list[V]]]],
        product_ids: list[str],
    ) -> list[list[V]]:
        ids = [int(product_id) for product_id in product_ids]
        async with self._database.reading() as session:
            lists = await read(LinkRepository(session), ids)
        return [lists.get(product_id, []) for product_id in ids]
