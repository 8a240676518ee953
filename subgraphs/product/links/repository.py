"""The SQL of what is linked to products: companies, tags, categories, languages and media.

Each method reads many products in one statement: a list for each product that has any.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, select

from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.product import models
from subgraphs.product.domain import COMPANY_LETTERS, Company, Language, Media, MediaKind, Tag

V = TypeVar("V")

COMPANY_KINDS = {letter: kind for kind, letter in COMPANY_LETTERS.items()}
MEDIA_KINDS = {"S": MediaKind.SCREENSHOT, "M": MediaKind.MOVIE}


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
        return await self._links(ids, COMPANIES, lambda row: Company(row.name, COMPANY_KINDS[row.kind]))

    async def tags(self, ids: Collection[int]) -> dict[int, list[Tag]]:
        return await self._links(ids, TAGS, lambda row: Tag(row.tag, row.votes))

    async def categories(self, ids: Collection[int]) -> dict[int, list[str]]:
        return await self._links(ids, CATEGORIES, lambda row: str(row.category))

    async def languages(self, ids: Collection[int]) -> dict[int, list[Language]]:
        return await self._links(ids, LANGUAGES, lambda row: Language(row.language, row.full_audio))

    async def media(self, ids: Collection[int]) -> dict[int, list[Media]]:
        return await self._links(ids, MEDIA, lambda row: Media(row.url, MEDIA_KINDS[row.kind]))

    async def _links(
        self, ids: Collection[int], query: Select[*tuple[Any, ...]], value: Callable[[Any], V]
    ) -> dict[int, list[V]]:
        lists: dict[int, list[V]] = defaultdict(list)
        for row in await self._session.execute(query, {"ids": list(ids)}):
            lists[row.product_id].append(value(row))
        return lists
