"""What hangs on products - genres, companies, tags ... - each read for many products in one statement.

Every method takes the ids of products and answers a list for each, in their order: made for `Context.load`.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar

from subgraphs.kit.database.database import Database
from subgraphs.product.models import (
    ProductCategory,
    ProductCompany,
    ProductGenre,
    ProductLanguage,
    ProductMedia,
    ProductTag,
)
from subgraphs.product.repository import ProductRepository

LinkT = TypeVar("LinkT", ProductCategory, ProductCompany, ProductGenre, ProductLanguage, ProductMedia, ProductTag)
Lists = list[Sequence[LinkT]]


class Links:
    """Reads the links of products."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def genres(self, product_ids: list[str]) -> Lists[ProductGenre]:
        return await self._of(product_ids, ProductGenre, ProductGenre.genre)

    async def companies(self, product_ids: list[str]) -> Lists[ProductCompany]:
        return await self._of(product_ids, ProductCompany, ProductCompany.position)

    async def tags(self, product_ids: list[str]) -> Lists[ProductTag]:
        return await self._of(product_ids, ProductTag, ProductTag.votes.desc(), ProductTag.tag)

    async def categories(self, product_ids: list[str]) -> Lists[ProductCategory]:
        return await self._of(product_ids, ProductCategory, ProductCategory.category)

    async def languages(self, product_ids: list[str]) -> Lists[ProductLanguage]:
        return await self._of(product_ids, ProductLanguage, ProductLanguage.language)

    async def media(self, product_ids: list[str]) -> Lists[ProductMedia]:
        return await self._of(product_ids, ProductMedia, ProductMedia.position)

    async def _of(self, product_ids: list[str], table: type[LinkT], *order: Any) -> Lists[LinkT]:
        ids = [int(product_id) for product_id in product_ids]
        lists: dict[int, list[LinkT]] = defaultdict(list)
        async with self._database.reading() as session:
            for link in await ProductRepository(session).links(table, ids, order):
                lists[link.product_id].append(link)
        return [lists[product_id] for product_id in ids]
