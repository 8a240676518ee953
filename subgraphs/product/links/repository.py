"""The SQL of what is linked to products: companies, tags, categories, languages and media.

Each method reads many products in one statement: a list for each product that has any.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, select

from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.product import models
from subgraphs.product.domain import Company, Language, Media, Tag
from subgraphs.product.rows import company_of, language_of, media_of, tag_of

V = TypeVar("V")


def _of_products(link: type[Any], order: Callable[[Any], Sequence[Any]]) -> Select[*tuple[Any, ...]]:
    columns = table_of(link).c
    of_products = columns.product_id.in_(bindparam("ids", expanding=True))
    return select(*columns).where(of_products).order_by(*order(columns))


# Made once: a statement then knows the key of its compiled text.
COMPANIES = _of_products(models.ProductCompany, lambda link: [link.position])
TAGS = _of_products(models.ProductTag, lambda link: [link.votes.desc(), link.tag])
CATEGORIES = _of_products(models.ProductCategory, lambda link: [link.category])
LANGUAGES = _of_products(models.ProductLanguage, lambda link: [link.language])
MEDIA = _of_products(models.ProductMedia, lambda link: [link.position])


class LinkRepository(Repository):
    """Links of products."""

    async def companies(self, ids: Collection[int]) -> dict[int, list[Company]]:
        return await self._links(ids, COMPANIES, company_of)

    async def tags(self, ids: Collection[int]) -> dict[int, list[Tag]]:
        return await self._links(ids, TAGS, tag_of)

    async def categories(self, ids: Collection[int]) -> dict[int, list[str]]:
        return await self._links(ids, CATEGORIES, lambda row: str(row.category))

    async def languages(self, ids: Collection[int]) -> dict[int, list[Language]]:
        return await self._links(ids, LANGUAGES, language_of)

    async def media(self, ids: Collection[int]) -> dict[int, list[Media]]:
        return await self._links(ids, MEDIA, media_of)

    async def _links(
        self, ids: Collection[int], query: Select[*tuple[Any, ...]], value: Callable[[Any], V]
    ) -> dict[int, list[V]]:
        lists: dict[int, list[V]] = defaultdict(list)
        for row in await self._session.execute(query, {"ids": list(ids)}):
            lists[row.product_id].append(value(row))
        return lists
