"""The rules of wishlists."""

import asyncio

from subgraphs.contracts.product import PRODUCT_OFFERS, OfferRequest
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import LimitExceeded, NotFound
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.runtime import Runtime
from subgraphs.order.orders.quotes import Quotes
from subgraphs.order.wishlist.domain import MAX_WISHES, AlreadyOwned, Wish
from subgraphs.order.wishlist.repository import WishlistRepository


class Wishlist:
    """What users wish for: products that exist and that they do not own."""

    def __init__(self, runtime: Runtime, quotes: Quotes) -> None:
        self._database = runtime.database
        self._peers = runtime.peers
        self._quotes = quotes

    async def page(self, user_id: str, page_request: PageRequest) -> Page[Wish]:
        """A user's wishes, the newest first."""
        async with self._database.reading() as session:
            return await WishlistRepository(session).page(user_id, page_request)

    async def count(self, user_id: str) -> int:
        async with self._database.reading() as session:
            return await WishlistRepository(session).count(user_id)

    async def add(self, user_id: str, product_id: str) -> Wish | AlreadyOwned:
        """The wish, also when it was there before. Raises NotFound, LimitExceeded."""
        offers, owned = await asyncio.gather(
            self._peers.call(PRODUCT_OFFERS, [OfferRequest(product_id)]),
            self._quotes.owned([(user_id, [product_id])]),
        )
        if not offers[0].exists:
            raise NotFound("There is no such product.")
        if owned[0]:
            return AlreadyOwned([product_id])
        return await self._add(user_id, product_id)

    @retry_on_conflict
    async def remove(self, user_id: str, product_id: str) -> bool:
        """Whether it was there."""
        async with self._database.transaction() as session:
            return await WishlistRepository(session).remove([(user_id, product_id)]) > 0

    @retry_on_conflict
    async def _add(self, user_id: str, product_id: str) -> Wish:
        async with self._database.transaction() as session:
            wishes = WishlistRepository(session)
            await wishes.lock(user_id)
            found = await wishes.find(user_id, [product_id])
            if not found:
                if await wishes.count(user_id) >= MAX_WISHES:
                    raise LimitExceeded(f"A wishlist has at most {MAX_WISHES} products.")
                await wishes.add_missing(user_id, product_id)
                found = await wishes.find(user_id, [product_id])
            return found[product_id]
