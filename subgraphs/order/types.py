"""The order subgraph's GraphQL types."""

from datetime import datetime
from typing import TypeAlias

import strawberry
from strawberry import ID

from subgraphs.contracts import order as contract
from subgraphs.kit.graphql.paging import Connection, PageRequest
from subgraphs.kit.graphql.schema import REFERENCE
from subgraphs.kit.web.context import Context
from subgraphs.order.orders import domain
from subgraphs.order.orders.domain import OrderState
from subgraphs.order.service import OrderService
from subgraphs.order.wishlist.domain import Wish

Info: TypeAlias = strawberry.Info[Context[OrderService], None]
strawberry.enum(
    OrderState,
    description="READY can be paid, changed, cancelled; ORDERED is in a payment; PAID and CANCELLED are ends.",
)


@strawberry.federation.type(keys=[REFERENCE], description="A game of the catalogue.")
class Product:
    id: ID = strawberry.field(description="The Steam app id for a game of the data set.")


@strawberry.federation.type(
    keys=[REFERENCE],
    description="A unit of a flash sale, held for a user.",
)
class Claim:
    id: ID = strawberry.field(description="The claim's own id.")


@strawberry.type(description="A product that a user wishes for.")
class WishlistItem:
    product: Product = strawberry.field(description="What is wished for.")
    added_at: datetime = strawberry.field(description="Since when.")

    @classmethod
    def of(cls, wish: Wish) -> "WishlistItem":
        return cls(product=Product(id=ID(wish.product_id)), added_at=wish.added_at)


@strawberry.type(description="A product of an order, at the price that the order keeps.")
class OrderLine:
    product: Product = strawberry.field(description="What is ordered.")
    points: int = strawberry.field(description="Fixed when the order was placed.")
    discount_percent: int = strawberry.field(description="The product's discount then; 0 at a flash sale's price.")
    claim: Claim | None = strawberry.field(description="The claim at whose sale's price it was ordered.")

    @classmethod
    def of(cls, line: contract.OrderLine) -> "OrderLine":
        return cls(
            product=Product(id=ID(line.product_id)),
            points=line.points,
            discount_percent=line.discount_percent,
            claim=None if line.claim_id is None else Claim(id=ID(line.claim_id)),
        )


@strawberry.federation.type(keys=["id"], description="Products that a user has ordered. Prices are fixed.")
class Order:
    id: ID = strawberry.field(description="The order's own id.")
    state: OrderState = strawberry.field(description="Where it stands.")
    lines: list[OrderLine] = strawberry.field(description="1 to 50 products, in the order of the request.")
    total_points: int = strawberry.field(description="The sum of the lines, in points.")
    placed_at: datetime = strawberry.field(description="When it was placed.")

    @classmethod
    async def resolve_reference(cls, info: Info, id: ID) -> "Order | None":
        """Null for an order of somebody else, unless an admin asks."""
        viewer = info.context.viewer
        order = await info.context.load(info.context.service.orders.by_id, id)
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
        description="What the user wishes for, the newest first. Its owner and admins only.",
    )
    async def wishlist(self, info: Info, first: int | None = 20, after: str | None = None) -> Connection[WishlistItem]:
        user_id, wishlist = info.context.owner(self.id), info.context.service.wishlist
        page = await wishlist.page(user_id, PageRequest(first, after))
        return WishlistConnection.of(page, WishlistItem.of, lambda: wishlist.count(user_id))

    @strawberry.field(
        graphql_type=OrderConnection,
        description="What the user ordered, the newest first. Its owner and admins only.",
    )
    async def orders(self, info: Info, first: int | None = 20, after: str | None = None) -> Connection[Order]:
        user_id, orders = info.context.owner(self.id), info.context.service.orders
        page = await orders.page(user_id, PageRequest(first, after))
        return OrderConnection.of(page, Order.of, lambda: orders.count(user_id))

    @classmethod
    def resolve_reference(cls, id: ID) -> "User":
        return cls(id=id)
