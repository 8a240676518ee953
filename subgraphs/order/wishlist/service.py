"""What users do with their wishlists."""

import asyncio
from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.library import OWNED_PRODUCTS, OwnedRequest
from subgraphs.contracts.product import PRODUCT_OFFERS, OfferRequest
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import LimitExceeded, NotFound
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.order.wishlist.domain import MAX_WISHES, AlreadyOwned, Wish, Withdrawn
from subgraphs.order.wishlist.repository import WishlistRepository


class Wishlist:
    """The wishlists of users: products that exist and that they do not own."""

    def __init__(self, runtime: Runtime) -> None:
        self._database = runtime.database
        self._peers = runtime.peers
        self._inbox = runtime.inbox

    # ---- reading

    async def page(self, viewer: Viewer, user_id: str, page_request: PageRequest) -> Page[Wish]:
        """A user's wishes, newest first. The viewer's own are never behind the viewer's payments."""
        if viewer.id == user_id:
            await self._inbox.catch_up_if_possible(user_id)
        async with self._database.reading() as session:
            return await WishlistRepository(session).page(user_id, page_request)

    async def count(self, user_id: str) -> int:
        """How many wishes a user has."""
        async with self._database.reading() as session:
            return await WishlistRepository(session).count(user_id)

    async def are_wished(self, product_ids: list[str], viewer: Viewer) -> list[bool]:
        """Whether each product is on the viewer's wishlist. A payment of the viewer's takes products off it."""
        wished = await self._wished(viewer.id, product_ids)
        if wished:
            await self._inbox.catch_up_if_possible(viewer.id)
            wished = await self._wished(viewer.id, product_ids)
        return [product_id in wished for product_id in product_ids]

    async def _wished(self, user_id: str, product_ids: Collection[str]) -> Collection[str]:
        async with self._database.reading() as session:
            return await self.wished(session, user_id, product_ids)

    # ---- what users do

    async def add(self, viewer: Viewer, product_id: str) -> Wish | AlreadyOwned | Withdrawn:
        """The viewer's wish for the product. Idempotent. Raises NotFound, LimitExceeded, Unavailable."""
        (offer,), (owned,), _ = await asyncio.gather(
            self._peers.call(PRODUCT_OFFERS, [OfferRequest(product_id=product_id)]),
            self._peers.call(OWNED_PRODUCTS, [OwnedRequest(viewer.id, [product_id], fresh=True)]),
            self._inbox.catch_up(viewer.id),  # else a payment that was refunded since would remove the new wish
        )
        if not offer.exists:
            raise NotFound("There is no such product.")
        if owned.product_ids:
            return AlreadyOwned(owned.product_ids)
        if offer.withdrawn:
            return Withdrawn([product_id])
        return await self._add(viewer, product_id)

    @retry_on_conflict
    async def _add(self, viewer: Viewer, product_id: str) -> Wish:
        async with self._database.transaction() as session:
            wishes = WishlistRepository(session)
            await wishes.lock(viewer.id)
            found = await wishes.find(viewer.id, [product_id])
            if not found:
                if await wishes.count(viewer.id) >= MAX_WISHES:
                    raise LimitExceeded(f"A wishlist has at most {MAX_WISHES} products.")
                await wishes.add_missing(viewer.id, product_id)
                found = await wishes.find(viewer.id, [product_id])
            return found[product_id]

    @retry_on_conflict
    async def remove(self, viewer: Viewer, product_id: str) -> bool:
        """Removes a wish; tells whether the viewer had it."""
        async with self._database.transaction() as session:
            return await WishlistRepository(session).remove([(viewer.id, product_id)]) > 0

    # ---- within the transactions of orders

    async def wished(self, session: AsyncSession, user_id: str, product_ids: Collection[str]) -> Collection[str]:
        """Which of the products are on the user's wishlist."""
        return await WishlistRepository(session).find(user_id, product_ids)

    async def remove_bought(self, session: AsyncSession, bought: Collection[tuple[str, str]]) -> None:
        """Removes products, each given as (user id, product id), from their buyers' wishlists."""
        await WishlistRepository(session).remove(bought)
