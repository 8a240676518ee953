"""The order subgraph's GraphQL types."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

import strawberry
from strawberry import ID

from subgraphs.contracts import order as contract
from subgraphs.contracts.order import MAX_PRODUCTS
from subgraphs.kit.graphql.batch_fields import batch_field
from subgraphs.kit.graphql.enums import graphql_enum
from subgraphs.kit.graphql.paging import After, Connection, First, PageRequest
from subgraphs.kit.graphql.schema import REFERENCE
from subgraphs.kit.graphql.sizes import PAGE_SIZE, list_size
from subgraphs.kit.web.context import Context
from subgraphs.order.orders import domain
from subgraphs.order.orders.domain import OrderState
from subgraphs.order.service import OrderService
from subgraphs.order.wishlist.domain import Wish

Info: TypeAlias = strawberry.Info[Context[OrderService], None]
graphql_enum(
    OrderState,
    "How far an order has come. PAID and CANCELLED are final.",
    {
        OrderState.READY: "It can be paid, changed or cancelled.",
        OrderState.ORDERED: "It is being paid. To change it, cancel its payment first.",
        OrderState.PAID: "It has been paid.",
        OrderState.CANCELLED: "It has been cancelled.",
    },
)


async def _wished(products: "list[Product]", info: Info) -> Sequence[bool | None]:
    viewer = info.context.viewer_or_none
    if viewer is None:
        return [None] * len(products)
    return await info.context.service.wishlist.are_wished([product.id for product in products], viewer)


@strawberry.federation.type(keys=["id"], description="A game of the catalogue.")
class Product:
    id: ID = strawberry.field(description="The product's id: the Steam app id for a game of the data set.")
    wished: bool | None = batch_field(
        _wished, description="Whether it is on the signed-in user's wishlist; null when nobody is signed in."
    )

    @classmethod
    def resolve_reference(cls, id: ID) -> "Product":
        return cls(id=id)


@strawberry.federation.type(keys=[REFERENCE], description="A unit of a flash sale, held for a user.")
class Claim:
    id: ID = strawberry.field(description="The claim's id.")


@strawberry.type(description="A product on a wishlist.")
class WishlistItem:
    product: Product = strawberry.field(description="The product.")
    added_at: datetime = strawberry.field(description="When it was added.")

    @classmethod
    def of(cls, wish: Wish) -> "WishlistItem":
        return cls(product=Product(id=ID(wish.product_id)), added_at=wish.added_at)


@strawberry.type(description="A product in an order.")
class OrderLine:
    product: Product = strawberry.field(description="The product.")
    title: str | None = strawberry.field(
        description="What the product was called when it was ordered; null in orders older than this field."
    )
    points: int = strawberry.field(description="Its price in points, fixed when the order was placed.")
    discount_percent: int = strawberry.field(
        description="The discount included in the price; 0 for a flash sale's price."
    )
    claim: Claim | None = strawberry.field(description="The claim that gave it a flash sale's price; null without one.")

    @classmethod
    def of(cls, line: contract.OrderLine) -> "OrderLine":
        return cls(
            product=Product(id=ID(line.product_id)),
            title=line.title,
            points=line.points,
            discount_percent=line.discount_percent,
            claim=None if line.claim_id is None else Claim(id=ID(line.claim_id)),
        )


@strawberry.federation.type(keys=["id"], description="Products ordered by a user, at prices that are fixed.")
class Order:
    id: ID = strawberry.field(description="The order's id.")
    state: OrderState = strawberry.field(description="How far the order has come.")
    lines: list[OrderLine] = strawberry.field(
        description="The products, 1 to 50, as they were requested.", directives=[list_size(MAX_PRODUCTS)]
    )
    total_points: int = strawberry.field(description="The price of all lines, in points.")
    placed_at: datetime = strawberry.field(description="When the order was placed.")

    @classmethod
    async def resolve_reference(cls, info: Info, id: ID) -> "Order | None":
        """Null for another user's order, unless an admin asks."""
        viewer = info.context.viewer
        order = await info.context.load(info.context.service.orders.by_ids, id)
        return cls.of(order) if order is not None and viewer.may_see(order.user_id) else None

    @classmethod
    def of(cls, order: domain.Order) -> "Order":
        return cls(
            id=ID(order.id),
            state=order.state,
            lines=[OrderLine.of(line) for line in order.lines],
            total_points=order.total_points,
            placed_at=order.placed_at,
        )


@strawberry.type(description="One page of a wishlist.")
class WishlistConnection(Connection[WishlistItem]):
    pass


@strawberry.type(description="One page of a user's orders.")
class OrderConnection(Connection[Order]):
    pass


@strawberry.federation.type(keys=["id"], description="An account.")
class User:
    id: ID = strawberry.field(description="The account's id.")

    @strawberry.field(
        graphql_type=WishlistConnection,
        description="The products on the user's wishlist, newest first. Only the user and admins can see them.",
        directives=[PAGE_SIZE],
    )
    async def wishlist(self, info: Info, first: First = 20, after: After = None) -> Connection[WishlistItem]:
        user_id, wishlist = info.context.owner(self.id), info.context.service.wishlist
        page = await wishlist.page(info.context.viewer, user_id, PageRequest(first, after))
        return WishlistConnection.of(page, WishlistItem.of, lambda: wishlist.count(user_id))

    @strawberry.field(
        graphql_type=OrderConnection,
        description="The user's orders, newest first. Only the user and admins can see them.",
        directives=[PAGE_SIZE],
    )
    async def orders(self, info: Info, first: First = 20, after: After = None) -> Connection[Order]:
        user_id, orders = info.context.owner(self.id), info.context.service.orders
        page = await orders.page(user_id, PageRequest(first, after))
        return OrderConnection.of(page, Order.of, lambda: orders.count(user_id))

    @classmethod
    def resolve_reference(cls, id: ID) -> "User":
        return cls(id=id)
