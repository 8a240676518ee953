"""The payment subgraph's queries and mutations."""

from typing import Annotated

import strawberry
from strawberry import ID

from subgraphs.kit.graphql.commands import oldest_event_field, unconfirmed_events_field
from subgraphs.kit.graphql.schema import MUTATION, QUERY, build_schema
from subgraphs.kit.web.auth import Role
from subgraphs.payment.results import (
    CheckoutResult,
    PayResult,
    RefundResult,
    RefundTopUpResult,
    StartPaymentResult,
    checkout_to_graphql,
    pay_to_graphql,
    refund_to_graphql,
    refund_top_up_to_graphql,
    start_payment_to_graphql,
)
from subgraphs.payment.top_up_types import TopUp
from subgraphs.payment.types import Info, Order, Payment, User, Wallet

IdempotencyKey = Annotated[
    str,
    strawberry.argument(
        description="Chosen by the client, 1 to 100 characters: the same request with the same key takes effect once."
    ),
]
PaymentId = Annotated[ID, strawberry.argument(description="The id of the payment.")]


@strawberry.input(description="Products to buy now.")
class CheckoutInput:
    idempotency_key: str = strawberry.field(
        description="Chosen by the client, 1 to 100 characters: the same input with the same key buys once."
    )
    product_ids: list[ID] = strawberry.field(description="1 to 50 different products, bought at today's prices.")
    claim_ids: list[ID] | None = strawberry.field(
        default=None,
        description="The user's flash-sale claims on some of the products, which are then bought at the sales' prices.",
    )
    expected_total: int | None = strawberry.field(
        default=None,
        description="The total that the user has seen, in points. If the total is another, nothing is bought.",
    )


@strawberry.type(description=QUERY)
class Query:
    oldest_event = oldest_event_field("payment")
    unconfirmed_events = unconfirmed_events_field("payment")

    @strawberry.federation.field(shareable=True, description="The signed-in user.")
    def me(self, info: Info) -> User:
        return User(id=ID(info.context.viewer.id))

    @strawberry.field(description="A payment of the signed-in user, for admins of any user; null when there is none.")
    async def payment(self, info: Info, id: PaymentId) -> Payment | None:
        return await Payment.resolve_reference(info, id)

    @strawberry.field(description="A top-up of the signed-in user, for admins of any user; null when there is none.")
    async def top_up(
        self, info: Info, id: Annotated[ID, strawberry.argument(description="The id of the top-up.")]
    ) -> TopUp | None:
        top_up = await info.context.service.top_ups.visible(info.context.viewer, id)
        return TopUp.of(top_up) if top_up else None


@strawberry.type(description=MUTATION)
class Mutation:
    @strawberry.mutation(description="Buys points from the sandbox, which gives them away. Elsewhere see startTopUp.")
    async def top_up(
        self,
        info: Info,
        amount: Annotated[int, strawberry.argument(description="1 to 10,000,000 points.")],
        idempotency_key: IdempotencyKey,
    ) -> Wallet:
        viewer = info.context.viewer
        await info.context.service.wallets.top_up(viewer, amount, idempotency_key)
        return Wallet(user_id=viewer.id)

    @strawberry.mutation(
        description="Starts to buy points with money, and answers the address of the provider's page. "
        "The points come once the provider has the money."
    )
    async def start_top_up(
        self,
        info: Info,
        points: Annotated[int, strawberry.argument(description="1 to 10,000,000 points.")],
        idempotency_key: IdempotencyKey,
    ) -> TopUp:
        return TopUp.of(await info.context.service.top_ups.start(info.context.viewer, points, idempotency_key))

    @strawberry.mutation(
        description="For admins: takes the points of a PAID top-up back, and has the provider return the money. "
        "Idempotent."
    )
    async def refund_top_up(
        self, info: Info, id: Annotated[ID, strawberry.argument(description="The id of the top-up.")]
    ) -> RefundTopUpResult:
        info.context.require_role(Role.ADMIN)
        return refund_top_up_to_graphql(await info.context.service.top_ups.refund(id))

    @strawberry.mutation(
        description="Starts the payment of an order: fixes the amount, and holds limited units until expiresAt."
    )
    async def start_payment(
        self,
        info: Info,
        order_id: Annotated[ID, strawberry.argument(description="The id of a READY order.")],
        idempotency_key: IdempotencyKey,
    ) -> StartPaymentResult:
        outcome = await info.context.service.checkouts.start(info.context.viewer, order_id, idempotency_key)
        return start_payment_to_graphql(outcome)

    @strawberry.mutation(description="Pays a READY payment with points. Idempotent: paying twice charges once.")
    async def pay(self, info: Info, payment_id: PaymentId) -> PayResult:
        return pay_to_graphql(await info.context.service.payments.pay(info.context.viewer, payment_id))

    @strawberry.mutation(description="Cancels a READY payment. Its order can be paid anew. Idempotent.")
    async def cancel_payment(self, info: Info, id: PaymentId) -> Payment:
        return Payment.of(await info.context.service.payments.cancel(info.context.viewer, id))

    @strawberry.mutation(
        description="Buys products at once, all or none: places an order, holds limited units and pays. "
        "The products need not be on the wishlist."
    )
    async def checkout(
        self, info: Info, input: Annotated[CheckoutInput, strawberry.argument(description="What to buy.")]
    ) -> CheckoutResult:
        outcome = await info.context.service.checkouts.checkout(
            info.context.viewer, input.product_ids, input.claim_ids or [], input.expected_total, input.idempotency_key
        )
        return checkout_to_graphql(outcome)

    @strawberry.mutation(
        description="Refunds products of a payment that were not played, within seven days of the payment. "
        "The products are given back at once; the points come on settlement, a day later."
    )
    async def refund(
        self,
        info: Info,
        payment_id: PaymentId,
        idempotency_key: IdempotencyKey,
        product_ids: Annotated[
            list[ID] | None, strawberry.argument(description="The products to refund; all of the payment if left out.")
        ] = None,
    ) -> RefundResult:
        outcome = await info.context.service.refunds.refund(
            info.context.viewer, payment_id, product_ids, idempotency_key
        )
        return refund_to_graphql(outcome)


schema = build_schema(Query, Mutation, types=(Order,))
