"""The payment subgraph's queries and mutations."""

from typing import cast

import strawberry
from strawberry import ID

from subgraphs.kit.graphql.commands import oldest_event_field
from subgraphs.kit.graphql.schema import build_schema
from subgraphs.payment.results import CheckoutResult, PayResult, RefundResult, StartPaymentResult, shown, shown_refund
from subgraphs.payment.types import Info, Order, Payment, User, Wallet


@strawberry.input(description="What to buy now.")
class CheckoutInput:
    idempotency_key: str = strawberry.field(description="Chosen by the client: the same key and input never buy twice.")
    product_ids: list[ID] = strawberry.field(description="What to buy: 1 to 50 products, at today's prices.")
    claim_ids: list[ID] | None = strawberry.field(
        default=None, description="Flash-sale claims on some of the products: these are bought at their sales' prices."
    )
    expected_total: int | None = strawberry.field(
        default=None,
        description="What the client showed, in points: a different total is refused, never charged.",
    )


@strawberry.type
class Query:
    oldest_event = oldest_event_field("payment")

    @strawberry.federation.field(shareable=True, description="The signed-in user.")
    def me(self, info: Info) -> User:
        return User(id=ID(info.context.viewer.id))

    @strawberry.field(description="A payment of the signed-in user (admins: of any); null when there is none.")
    async def payment(self, info: Info, id: ID) -> Payment | None:
        return await Payment.resolve_reference(info, id)


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description="Buys 1 to 10,000,000 points from the configured provider. The same key buys once."
    )
    async def top_up(self, info: Info, amount: int, idempotency_key: str) -> Wallet:
        viewer = info.context.viewer
        await info.context.service.wallets.top_up(viewer.id, amount, idempotency_key)
        return Wallet(user_id=viewer.id)

    @strawberry.mutation(
        description="Enters payment of an order: fixes the amount and holds limited stock until expiresAt."
    )
    async def start_payment(self, info: Info, order_id: ID, idempotency_key: str) -> StartPaymentResult:
        outcome = await info.context.service.start_payment(info.context.viewer, order_id, idempotency_key)
        return cast(StartPaymentResult, shown(outcome))

    @strawberry.mutation(description="Charges a payment: points, ledger and payment in one. Paying twice charges once.")
    async def pay(self, info: Info, payment_id: ID) -> PayResult:
        outcome = await info.context.service.payments.pay(info.context.viewer.id, payment_id)
        return cast(PayResult, shown(outcome))

    @strawberry.mutation(description="Gives a READY payment up: its order can be paid anew.")
    async def cancel_payment(self, info: Info, id: ID) -> Payment:
        return Payment.of(await info.context.service.payments.cancel(info.context.viewer, id))

    @strawberry.mutation(
        description="Buy now: order, stock hold and payment in one step, all or nothing; needs no wish."
    )
    async def checkout(self, info: Info, input: CheckoutInput) -> CheckoutResult:
        outcome = await info.context.service.checkout(
            info.context.viewer,
            input.product_ids,
            input.claim_ids or [],
            input.expected_total,
            input.idempotency_key,
        )
        return shown(outcome)

    @strawberry.mutation(
        description="Refunds unplayed lines within seven days of payment; lines omitted means all. "
        "Points come back on settlement, the next day."
    )
    async def refund(
        self, info: Info, payment_id: ID, idempotency_key: str, product_ids: list[ID] | None = None
    ) -> RefundResult:
        outcome = await info.context.service.refunds.refund(
            info.context.viewer, payment_id, product_ids, idempotency_key
        )
        return shown_refund(outcome)


schema = build_schema(Query, Mutation, types=(Order,))
