"""The result unions: what a client sees of an outcome."""

from collections.abc import Iterable
from typing import Annotated

import strawberry
from strawberry import ID

from subgraphs.order.orders import domain
from subgraphs.order.types import Order, Product, WishlistItem
from subgraphs.order.wishlist import domain as wishlist


@strawberry.federation.type(shareable=True, description="The user owns some of the products already.")
class AlreadyOwned:
    message: str = strawberry.field(description="For a person to read.")
    products: list[Product] = strawberry.field(description="Those that are owned.")

    @classmethod
    def of(cls, outcome: wishlist.AlreadyOwned) -> "AlreadyOwned":
        return cls(message="You own this already.", products=_products(outcome.product_ids))


@strawberry.type(description="Only products of the wishlist can be ordered.")
class NotOnWishlist:
    message: str = strawberry.field(description="For a person to read.")
    products: list[Product] = strawberry.field(description="Those that are not on the wishlist.")

    @classmethod
    def of(cls, outcome: domain.NotOnWishlist) -> "NotOnWishlist":
        message = "Only products of the wishlist can be ordered."
        return cls(message=message, products=_products(outcome.product_ids))


AddToWishlistResult = Annotated[
    WishlistItem | AlreadyOwned,
    strawberry.union("AddToWishlistResult", description="What became of a wish."),
]
PlaceOrderResult = Annotated[
    Order | NotOnWishlist | AlreadyOwned,
    strawberry.union("PlaceOrderResult", description="What became of an order."),
]


def shown_wish(outcome: wishlist.Wish | wishlist.AlreadyOwned) -> WishlistItem | AlreadyOwned:
    return AlreadyOwned.of(outcome) if isinstance(outcome, wishlist.AlreadyOwned) else WishlistItem.of(outcome)


def shown_order(
    outcome: domain.Order | domain.NotOnWishlist | wishlist.AlreadyOwned,
) -> Order | NotOnWishlist | AlreadyOwned:
    match outcome:
        case domain.NotOnWishlist():
            return NotOnWishlist.of(outcome)
        case wishlist.AlreadyOwned():
            return AlreadyOwned.of(outcome)
        case domain.Order():
            return Order.of(outcome)


def _products(product_ids: Iterable[str]) -> list[Product]:
    return [Product(id=ID(product_id)) for product_id in product_ids]
