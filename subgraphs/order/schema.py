"""The order subgraph's queries and mutations."""

import strawberry
from strawberry import ID

from subgraphs.contracts.order import ENTER_PAYMENTS, LEAVE_PAYMENTS, PLACE_CHECKOUT_ORDERS
from subgraphs.kit.graphql.commands import applied_events_field, command_field
from subgraphs.kit.graphql.schema import build_schema
from subgraphs.order.results import AddToWishlistResult, PlaceOrderResult, shown_order, shown_wish
from subgraphs.order.types import Info, Order, User


@strawberry.input(description="What to order.")
class PlaceOrderInput:
    product_ids: list[ID] = strawberry.field(description="1 to 50 different products of the wishlist.")
    idempotency_key: str = strawberry.field(
        description="1 to 100 characters of your choice: the same request with the same key is one order."
    )
    claim_ids: list[ID] | None = strawberry.field(
        default=None,
        description="Prices a claim's line at the sale's price. productIds names its product too, which needs no wish.",
    )


@strawberry.type
class Query:
    @strawberry.federation.field(shareable=True, description="The signed-in user.")
    def me(self, info: Info) -> User:
        return User(id=ID(info.context.viewer.id))

    @strawberry.field(description="An order of the signed-in user (any, for an admin); null for another's.")
    async def order(self, info: Info, id: ID) -> Order | None:
        return await Order.resolve_reference(info, id)

    applied_events = applied_events_field("order")


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Wishes for a product; at most 500. Again, it answers the same wish.")
    async def add_to_wishlist(self, info: Info, product_id: ID) -> AddToWishlistResult:
        return shown_wish(await info.context.service.wishlist.add(info.context.viewer.id, product_id))

    @strawberry.mutation(description="Takes a product off the wishlist; says whether it was there.")
    async def remove_from_wishlist(self, info: Info, product_id: ID) -> bool:
        return await info.context.service.wishlist.remove(info.context.viewer.id, product_id)

    @strawberry.mutation(
        description="Orders products of the wishlist at today's prices, which the order then keeps. "
        "A claim's product needs no wish. Wishes stay until they are bought."
    )
    async def place_order(self, info: Info, input: PlaceOrderInput) -> PlaceOrderResult:
        outcome = await info.context.service.orders.place(
            info.context.viewer.id, input.product_ids, input.claim_ids or [], input.idempotency_key
        )
        return shown_order(outcome)

    @strawberry.mutation(description="Takes a product out of a READY order; the last one has to stay.")
    async def remove_order_line(self, info: Info, order_id: ID, product_id: ID) -> Order:
        viewer = info.context.viewer
        return Order.of(await info.context.service.orders.remove_line(viewer.id, order_id, product_id))

    @strawberry.mutation(description="Cancels a READY order. One that is being paid: cancel its payment.")
    async def cancel_order(self, info: Info, id: ID) -> Order:
        return Order.of(await info.context.service.orders.cancel(info.context.viewer.id, id))

    place_checkout_orders = command_field(PLACE_CHECKOUT_ORDERS, lambda service: service.payments.place)
    enter_payments = command_field(ENTER_PAYMENTS, lambda service: service.payments.enter)
    leave_payments = command_field(LEAVE_PAYMENTS, lambda service: service.payments.leave)


schema = build_schema(Query, Mutation)
