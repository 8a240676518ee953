"""A cart, and what it costs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from subgraphs.contracts.order import MAX_PRODUCTS, OrderLine
from subgraphs.contracts.product import Offer
from subgraphs.contracts.stock import ClaimOffer
from subgraphs.kit.errors import BadUserInput, InvalidState, LimitExceeded, NotFound, StoreError
from subgraphs.kit.input_check import InputCheck
from subgraphs.order.orders.domain import PriceChanged
from subgraphs.order.wishlist.domain import AlreadyOwned, Withdrawn

Quote: TypeAlias = list[OrderLine] | AlreadyOwned | Withdrawn | StoreError
"""The lines of a cart at today's prices, or why it cannot be ordered."""


@dataclass(frozen=True)
class Cart:
    """The products that a user wants, and the user's claims on some of them."""

    user_id: str
    product_ids: Sequence[str]
    claim_ids: Sequence[str] = ()

    @property
    def error(self) -> StoreError | None:
        """What `check` raises, or nothing."""
        try:
            self.check()
        except StoreError as error:
            return error
        return None

    def check(self) -> None:
        """Raises BadUserInput or LimitExceeded if the cart as it stands cannot be ordered."""
        products, claims = self.product_ids, self.claim_ids
        if max(len(products), len(claims)) > MAX_PRODUCTS:
            raise LimitExceeded(f"An order has at most {MAX_PRODUCTS} products.")
        with InputCheck() as check:
            check.require(len(products) > 0, "productIds", "Name at least one product.")
            check.require(len(set(products)) == len(products), "productIds", "Name each product once.")
            check.require(len(set(claims)) == len(claims), "claimIds", "Name each claim once.")


def price(cart: Cart, offers: Mapping[str, Offer], owned: Collection[str], claims: Sequence[ClaimOffer]) -> Quote:
    """The quote for a cart without errors.

    `offers` has the offer of each product by its id, `owned` the products that the user owns, and `claims`
    the offers of the cart's claims. A claimed product costs what its flash sale asks for it.
    """
    unknown = [product_id for product_id in cart.product_ids if not offers[product_id].exists]
    if unknown:
        return NotFound(f"There is no such product: {', '.join(unknown)}.")
    mine = [product_id for product_id in cart.product_ids if product_id in owned]
    if mine:
        return AlreadyOwned(mine)
    withdrawn = [product_id for product_id in cart.product_ids if offers[product_id].withdrawn]
    if withdrawn:
        return Withdrawn(withdrawn)
    try:
        claimed = _by_product(cart, claims)
    except StoreError as error:
        return error
    return [_line(offers[product_id], claimed.get(product_id)) for product_id in cart.product_ids]


def at_expected_total(quote: Quote, expected_total: int | None) -> Quote | PriceChanged:
    """The quote, unless its total is not the one that the client expects (None: any)."""
    if not isinstance(quote, list) or expected_total is None:
        return quote
    changed = PriceChanged(quote)
    return quote if changed.total_points == expected_total else changed


def _by_product(cart: Cart, claims: Sequence[ClaimOffer]) -> dict[str, ClaimOffer]:
    """The claims by product. Raises NotFound, InvalidState, BadUserInput."""
    by_product: dict[str, ClaimOffer] = {}
    for claim in claims:
        if not claim.found:
            raise NotFound(f"You have no such claim: {claim.claim_id}.")
        if not claim.live:
            raise InvalidState(f"The claim {claim.claim_id} has ended or is being paid.")
        if claim.product_id not in cart.product_ids:
            raise BadUserInput("claimIds", f"productIds lacks the product of the claim {claim.claim_id}.")
        if claim.product_id in by_product:
            raise BadUserInput("claimIds", f"Two of the claims are on the product {claim.product_id}.")
        by_product[claim.product_id] = claim
    return by_product


def _line(offer: Offer, claim: ClaimOffer | None) -> OrderLine:
    line = OrderLine(offer.product_id, offer.points, offer.discount_percent, title=offer.title)
    if claim is None:
        return line
    return msgspec.structs.replace(line, points=claim.points, discount_percent=0, claim_id=claim.claim_id)
