"""The order subgraph's queries and mutations."""

from typing import Annotated

import strawberry
from strawberry import ID

from subgraphs.contracts.order import ATTACH_ORDERS, DETACH_ORDERS, PLACE_CHECKOUT_ORDERS
from subgraphs.kit.graphql.commands import applied_events_field, command_field
from subgraphs.kit.graphql.schema import MUTATION, QUERY, build_schema
from subgraphs.order.results import AddToWishlistResult, PlaceOrderResult, order_to_graphql, wish_to_graphql
from subgraphs.order.types import Info, Order, User


@strawberry.input(description="What to order.")
class PlaceOrderInput:
    product_ids: list[ID] = strawberry.field(
        description="The products: 1 to 50, each once. Each is on the wishlist or has one of the claims."
    )
    idempotency_key: str = strawberry.field(
        description="Identifies this request: 1 to 100 printable characters of your choice. Sent again with the "
        "same input, it gives the same order; with another input, it fails."
    )
    claim_ids: list[ID] | None = strawberry.field(
        default=None,
        description="Your claims on some of the products, 50 at most. A claimed product costs its flash sale's price.",
    )


@strawberry.type(description=QUERY)
class Query:
    @strawberry.federation.field(shareable=True, description="The signed-in user.")
    def me(self, info: Info) -> User:
        return User(id=ID(info.context.viewer.id))

    @strawberry.field(description="One of your orders (admins: anyone's). Null if there is none with this id.")
    async def order(
        self, info: Info, id: Annotated[ID, strawberry.argument(description="The order's id.")]
    ) -> Order | None:
        return await Order.resolve_reference(info, id)

    applied_events = applied_events_field("order")


@strawberry.type(description=MUTATION)
class Mutation:
    @strawberry.mutation(description="Adds a product to your wishlist (500 at most). Idempotent.")
    async def add_to_wishlist(
        self, info: Info, product_id: Annotated[ID, strawberry.argument(description="The product to add.")]
    ) -> AddToWishlistResult:
        return wish_to_graphql(await info.context.service.wishlist.add(info.context.viewer, product_id))

    @strawberry.mutation(description="Removes a product from your wishlist. False if it was not there.")
    async def remove_from_wishlist(
        self, info: Info, product_id: Annotated[ID, strawberry.argument(description="The product to remove.")]
    ) -> bool:
        return await info.context.service.wishlist.remove(info.context.viewer, product_id)

    @strawberry.mutation(
        description="Orders products from your wishlist at today's prices, which the order keeps. "
        "Products with a claim need not be on the wishlist. Products leave the wishlist when they are paid."
    )
    async def place_order(
        self, info: Info, input: Annotated[PlaceOrderInput, strawberry.argument(description="What to order.")]
    ) -> PlaceOrderResult:
        outcome = await info.context.service.orders.place(
            info.context.viewer, input.product_ids, input.claim_ids or [], input.idempotency_key
        )
        return order_to_graphql(outcome)

    @strawberry.mutation(description="Removes a product from a READY order. The last product cannot be removed.")
    async def remove_order_line(
        self,
        info: Info,
        order_id: Annotated[ID, strawberry.argument(description="One of your orders.")],
        product_id: Annotated[ID, strawberry.argument(description="The product to remove.")],
    ) -> Order:
        orders = info.context.service.orders
        return Order.of(await orders.remove_line(info.context.viewer, order_id, product_id))

    @strawberry.mutation(
        description="Cancels a READY order. Idempotent. To cancel an ORDERED one, cancel its payment first."
    )
    async def cancel_order(
        self, info: Info, id: Annotated[ID, strawberry.argument(description="One of your orders.")]
    ) -> Order:
        return Order.of(await info.context.service.orders.cancel(info.context.viewer, id))

    place_checkout_orders = command_field(PLACE_CHECKOUT_ORDERS, lambda service: service.payments.place)
    attach_orders = command_field(ATTACH_ORDERS, lambda service: service.payments.attach)
    detach_orders = command_field(DETACH_ORDERS, lambda service: service.payments.detach)


schema = build_schema(Query, Mutation)
