"""The order subgraph's result unions, made from the outcomes of its service."""

from collections.abc import Iterable
from typing import Annotated, assert_never

import strawberry
from strawberry import ID

from subgraphs.contracts.order import MAX_PRODUCTS
from subgraphs.kit.graphql.problem import Problem
from subgraphs.kit.graphql.sizes import list_size
from subgraphs.order.orders import domain
from subgraphs.order.types import Order, Product, WishlistItem
from subgraphs.order.wishlist import domain as wishlist


@strawberry.federation.type(shareable=True, description="The user already owns some of the products.")
class AlreadyOwned(Problem):
    products: list[Product] = strawberry.field(
        description="The products that the user owns.", directives=[list_size(MAX_PRODUCTS)]
    )

    @classmethod
    def of(cls, outcome: wishlist.AlreadyOwned) -> "AlreadyOwned":
        return cls(message="You own this already.", products=_products(outcome.product_ids))


@strawberry.federation.type(shareable=True, description="Some of the products are withdrawn: they are not sold now.")
class ProductsWithdrawn(Problem):
    products: list[Product] = strawberry.field(
        description="The products that are withdrawn.", directives=[list_size(MAX_PRODUCTS)]
    )

    @classmethod
    def of(cls, outcome: wishlist.Withdrawn) -> "ProductsWithdrawn":
        return cls(message="This is not sold any more.", products=_products(outcome.product_ids))


@strawberry.type(description="Some of the products are not on the user's wishlist, so they cannot be ordered.")
class NotOnWishlist(Problem):
    products: list[Product] = strawberry.field(
        description="The products that are not on the wishlist.", directives=[list_size(MAX_PRODUCTS)]
    )

    @classmethod
    def of(cls, outcome: domain.NotOnWishlist) -> "NotOnWishlist":
        message = "Only products on your wishlist can be ordered."
        return cls(message=message, products=_products(outcome.product_ids))


AddToWishlistResult = Annotated[
    WishlistItem | AlreadyOwned | ProductsWithdrawn,
    strawberry.union("AddToWishlistResult", description="The item on the wishlist, or why it was not added."),
]
PlaceOrderResult = Annotated[
    Order | NotOnWishlist | AlreadyOwned | ProductsWithdrawn,
    strawberry.union("PlaceOrderResult", description="The order, or why it was not placed."),
]


def wish_to_graphql(outcome: wishlist.Wish | wishlist.AlreadyOwned | wishlist.Withdrawn) -> AddToWishlistResult:
    match outcome:
        case wishlist.Wish():
            return WishlistItem.of(outcome)
        case wishlist.AlreadyOwned():
            return AlreadyOwned.of(outcome)
        case wishlist.Withdrawn():
            return ProductsWithdrawn.of(outcome)
        case _:
            assert_never(outcome)


def order_to_graphql(
    outcome: domain.Order | domain.NotOnWishlist | wishlist.AlreadyOwned | wishlist.Withdrawn,
) -> PlaceOrderResult:
    match outcome:
        case domain.Order():
            return Order.of(outcome)
        case domain.NotOnWishlist():
            return NotOnWishlist.of(outcome)
        case wishlist.AlreadyOwned():
            return AlreadyOwned.of(outcome)
        case wishlist.Withdrawn():
            return ProductsWithdrawn.of(outcome)
        case _:
            assert_never(outcome)


def _products(product_ids: Iterable[str]) -> list[Product]:
    return [Product(id=ID(product_id)) for product_id in product_ids]
