"""What a cart costs today, and whether it may be bought: asked of product, library and stock."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from subgraphs.contracts.library import OWNED_PRODUCTS, OwnedRequest
from subgraphs.contracts.order import MAX_PRODUCTS, OrderLine
from subgraphs.contracts.product import PRODUCT_OFFERS, Offer, OfferRequest
from subgraphs.contracts.stock import CLAIM_OFFERS, ClaimOffer, ClaimOfferRequest
from subgraphs.kit.errors import BadUserInput, InvalidState, LimitExceeded, NotFound, StoreError
from subgraphs.kit.peers import Peers
from subgraphs.order.wishlist.domain import AlreadyOwned

Quote: TypeAlias = list[OrderLine] | AlreadyOwned | StoreError
"""The lines at today's prices, or why there are none."""


@dataclass(frozen=True)
class Cart:
    """The products that a user wants, and the user's claims on some of them."""

    user_id: str
    product_ids: Sequence[str]
    claim_ids: Sequence[str] = ()

    def check(self) -> None:
        """Raises BadUserInput, LimitExceeded."""
        if not self.product_ids:
            raise BadUserInput("productIds", "Name at least one product.")
        if max(len(self.product_ids), len(self.claim_ids)) > MAX_PRODUCTS:
            raise LimitExceeded(f"An order has at most {MAX_PRODUCTS} products.")
        if len(set(self.product_ids)) < len(self.product_ids):
            raise BadUserInput("productIds", "Name each product once.")
        if len(set(self.claim_ids)) < len(self.claim_ids):
            raise BadUserInput("claimIds", "Name each claim once.")


class Quotes:
    """Prices carts: one call to each peer for a whole list, at once."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def of(self, carts: Sequence[Cart]) -> list[Quote]:
        """A quote for each cart. Raises Unavailable when a peer does not answer."""
        products = sorted({product_id for cart in carts for product_id in cart.product_ids})
        claims = sorted({(cart.user_id, claim_id) for cart in carts for claim_id in cart.claim_ids})
        offers, owned, claimed = await asyncio.gather(
            self._peers.call(PRODUCT_OFFERS, [OfferRequest(product_id) for product_id in products]),
            self.owned([(cart.user_id, cart.product_ids) for cart in carts]),
            self._peers.call(CLAIM_OFFERS, [ClaimOfferRequest(claim_id, user) for user, claim_id in claims]),
        )
        by_product = dict(zip(products, offers, strict=True))
        by_claim = dict(zip(claims, claimed, strict=True))
        return [_quote(cart, by_product, mine, by_claim) for cart, mine in zip(carts, owned, strict=True)]

    async def owned(self, wanted: Sequence[tuple[str, Sequence[str]]]) -> list[list[str]]:
        """What each user owns of the products wanted."""
        requests = [OwnedRequest(user_id, list(product_ids)) for user_id, product_ids in wanted]
        return [outcome.product_ids for outcome in await self._peers.call(OWNED_PRODUCTS, requests)]


def _quote(
    cart: Cart,
    offers: Mapping[str, Offer],
    owned: list[str],
    claims: Mapping[tuple[str, str], ClaimOffer],
) -> Quote:
    unknown = [product_id for product_id in cart.product_ids if not offers[product_id].exists]
    if unknown:
        return NotFound(f"There is no such product: {', '.join(unknown)}.")
    if owned:
        return AlreadyOwned(owned)
    try:
        claimed = _claimed(cart, [claims[cart.user_id, claim_id] for claim_id in cart.claim_ids])
    except StoreError as error:
        return error
    return [_line(offers[product_id], claimed.get(product_id)) for product_id in cart.product_ids]


def _claimed(cart: Cart, claims: Sequence[ClaimOffer]) -> dict[str, ClaimOffer]:
    """The cart's claims by product. Raises NotFound, InvalidState, BadUserInput."""
    by_product: dict[str, ClaimOffer] = {}
    for claim in claims:
        if not claim.found:
            raise NotFound(f"There is no such claim of yours: {claim.claim_id}.")
        if not claim.live:
            raise InvalidState(f"The claim {claim.claim_id} has ended, or is being paid already.")
        if claim.product_id not in cart.product_ids:
            raise BadUserInput("claimIds", f"productIds lacks the product of the claim {claim.claim_id}.")
        if claim.product_id in by_product:
            raise BadUserInput("claimIds", f"Two of the claims are on product {claim.product_id}.")
        by_product[claim.product_id] = claim
    return by_product


def _line(offer: Offer, claim: ClaimOffer | None) -> OrderLine:
    if claim is not None:
        return OrderLine(offer.product_id, claim.points, 0, claim.claim_id)
    return OrderLine(offer.product_id, offer.points, offer.discount_percent)
