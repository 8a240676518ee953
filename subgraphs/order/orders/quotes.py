"""Quotes for carts, from what product, library and stock answer."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from subgraphs.contracts.library import OWNED_PRODUCTS, OwnedRequest
from subgraphs.contracts.product import PRODUCT_OFFERS, OfferRequest
from subgraphs.contracts.stock import CLAIM_OFFERS, ClaimOfferRequest
from subgraphs.kit.peers import Peers
from subgraphs.order.orders.cart import Cart, Quote, price


class Quotes:
    """Prices carts, with one call to each peer for a whole list of them."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def of(self, carts: Sequence[Cart], *, fresh: bool = False) -> list[Quote]:
        """A quote for each cart; a cart with an error is quoted that error. Raises Unavailable.

        A `fresh` quote knows what the user has paid just now.
        """
        valid = [cart for cart in carts if cart.error is None]
        products = sorted({product_id for cart in valid for product_id in cart.product_ids})
        claims = sorted({(cart.user_id, claim_id) for cart in valid for claim_id in cart.claim_ids})
        offers, owned, claim_offers = await asyncio.gather(
            self._peers.call(PRODUCT_OFFERS, [OfferRequest(product_id=product_id) for product_id in products]),
            self.owned([(cart.user_id, cart.product_ids) for cart in valid], fresh=fresh),
            self._peers.call(CLAIM_OFFERS, [ClaimOfferRequest(claim_id=claim, user_id=user) for user, claim in claims]),
        )
        by_product = dict(zip(products, offers, strict=True))
        by_claim = dict(zip(claims, claim_offers, strict=True))
        return [
            cart.error
            or price(cart, by_product, owned[cart.user_id], [by_claim[cart.user_id, claim] for claim in cart.claim_ids])
            for cart in carts
        ]

    async def withdrawn(self, product_ids: Collection[str]) -> set[str]:
        """Which of the products are not offered any more. Raises Unavailable."""
        offers = await self._peers.call(PRODUCT_OFFERS, [OfferRequest(product_id=one) for one in sorted(product_ids)])
        return {offer.product_id for offer in offers if offer.withdrawn}

    async def owned(
        self, wanted: Sequence[tuple[str, Sequence[str]]], *, fresh: bool = False
    ) -> Mapping[str, set[str]]:
        """Which of the products that they want users own, by user. Raises Unavailable."""
        requests = [OwnedRequest(user_id, list(products), fresh=fresh) for user_id, products in wanted]
        owned: dict[str, set[str]] = defaultdict(set)
        for request, outcome in zip(requests, await self._peers.call(OWNED_PRODUCTS, requests), strict=True):
            owned[request.user_id].update(outcome.product_ids)
        return owned
