"""The SQL of what is linked to products: genres, companies, tags, categories, languages and media.

Each method reads the links of many products in one statement: a list for each product that has any.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from sqlalchemy import select

from subgraphs.kit.database.repository import Repository
from subgraphs.product import models
from subgraphs.product.domain import Company, Language, Media, MediaKind, Tag
from subgraphs.product.listing import COMPANY_LETTERS

RowT = TypeVar(
    "RowT",
    models.ProductCategory,
    models.ProductCompany,
    models.ProductGenre,
    models.ProductLanguage,
    models.ProductMedia,
    models.ProductTag,
)
V = TypeVar("V")

COMPANY_KINDS = {letter: kind for kind, letter in COMPANY_LETTERS.items()}
MEDIA_KINDS = {"S": MediaKind.SCREENSHOT, "M": MediaKind.MOVIE}


class LinkRepository(Repository):
    """Links of products."""

    async def genres(self, ids: Collection[int]) -> dict[int, list[str]]:
        link = models.ProductGenre
        return await self._links(ids, link, lambda row: row.genre, link.genre)

    async def companies(self, ids: Collection[int]) -> dict[int, list[Company]]:
        link = models.ProductCompany
        return await self._links(ids, link, _company, link.position)

    async def tags(self, ids: Collection[int]) -> dict[int, list[Tag]]:
        link = models.ProductTag
        return await self._links(ids, link, _tag, link.votes.desc(), link.tag)

    async def categories(self, ids: Collection[int]) -> dict[int, list[str]]:
        link = models.ProductCategory
        return await self._links(ids, link, lambda row: row.category, link.category)

    async def languages(self, ids: Collection[int]) -> dict[int, list[Language]]:
        link = models.ProductLanguage
        return await self._links(ids, link, _language, link.language)

    async def media(self, ids: Collection[int]) -> dict[int, list[Media]]:
        link = models.ProductMedia
        return await self._links(ids, link, _media, link.position)

    async def _links(
        self, ids: Collection[int], link: type[RowT], value: Callable[[RowT], V], *order: Any
    ) -> dict[int, list[V]]:
        lists: dict[int, list[V]] = defaultdict(list)
        for row in await self._session.scalars(select(link).where(link.product_id.in_(ids)).order_by(*order)):
            lists[row.product_id].append(value(row))
        return lists


def _company(row: models.ProductCompany) -> Company:
    return Company(name=row.name, kind=COMPANY_KINDS[row.kind])


def _tag(row: models.ProductTag) -> Tag:
    return Tag(name=row.tag, votes=row.votes)


def _language(row: models.ProductLanguage) -> Language:
    return Language(name=row.language, full_audio=row.full_audio)


def _media(row: models.ProductMedia) -> Media:
    return Media(url=row.url, kind=MEDIA_KINDS[row.kind])
