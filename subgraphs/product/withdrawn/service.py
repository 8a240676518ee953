"""Withdrawn products, which can still be read by those who have bought, wished for or published one."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.product import Offer
from subgraphs.kit.database.database import Database
from subgraphs.product.domain import Company, Language, Media, Product, Tag
from subgraphs.product.withdrawn.domain import Withdrawn
from subgraphs.product.withdrawn.repository import WithdrawnRepository

V = TypeVar("V")


class WithdrawnProducts:
    """Reads withdrawn products, and moves rows between them and the catalogue."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_ids(self, numbers: list[int]) -> dict[int, Withdrawn]:
        """The withdrawn ones among these products."""
        if not numbers:
            return {}
        async with self._database.reading() as session:
            return await WithdrawnRepository(session).by_ids(numbers)

    async def offers(self, numbers: list[int]) -> list[Offer]:
        """What order and stock are told of those that are withdrawn."""
        products = [one.product for one in (await self.by_ids(numbers)).values()]
        return [
            Offer(str(one.id), exists=True, publisher_id=one.publisher_id, title=one.title, withdrawn=True)
            for one in products
        ]

    # ---- links: the same methods as `links.service.Links` has for products that are offered

    async def companies(self, product_ids: list[str]) -> list[list[Company]]:
        return await self._links(product_ids, lambda withdrawn: withdrawn.companies)

    async def tags(self, product_ids: list[str]) -> list[list[Tag]]:
        return await self._links(product_ids, lambda withdrawn: withdrawn.tags)

    async def categories(self, product_ids: list[str]) -> list[list[str]]:
        return await self._links(product_ids, lambda withdrawn: withdrawn.categories)

    async def languages(self, product_ids: list[str]) -> list[list[Language]]:
        return await self._links(product_ids, lambda withdrawn: withdrawn.languages)

    async def media(self, product_ids: list[str]) -> list[list[Media]]:
        return await self._links(product_ids, lambda withdrawn: withdrawn.media)

    async def _links(self, product_ids: list[str], links: Callable[[Withdrawn], Sequence[V]]) -> list[list[V]]:
        ids = [int(product_id) for product_id in product_ids]
        withdrawn = await self.by_ids(ids)
        return [list(links(withdrawn[one])) if one in withdrawn else [] for one in ids]

    # ---- within a transaction of the caller

    async def lock(self, session: AsyncSession, number: int) -> bool:
        """Locks a product; whether it is withdrawn."""
        return await WithdrawnRepository(session).lock(number)

    async def locked(self, session: AsyncSession, number: int) -> Product | None:
        """A product that was locked, if it is withdrawn."""
        withdrawn = (await WithdrawnRepository(session).by_ids([number])).get(number)
        return withdrawn.product if withdrawn else None

    async def put_away(self, session: AsyncSession, number: int) -> Product:
        """Moves the rows of a locked product out of the catalogue."""
        return await WithdrawnRepository(session).put_away(number)

    async def put_back(self, session: AsyncSession, number: int) -> None:
        """Moves the rows of a locked product back into the catalogue, but not into the search index."""
        await WithdrawnRepository(session).put_back(number)
