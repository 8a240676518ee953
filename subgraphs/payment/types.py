"""The payment subgraph's GraphQL types."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import ID

from subgraphs.kit.graphql.paging import Connection, PageRequest
from subgraphs.kit.graphql.schema import REFERENCE
from subgraphs.kit.web.context import Context
from subgraphs.payment.models import LedgerEntry as LedgerRow
from subgraphs.payment.models import Refund as RefundRow
from subgraphs.payment.payments.repository import PaymentView
from subgraphs.payment.service import PaymentService

Info = strawberry.Info[Context[PaymentService], None]


@strawberry.enum(description="Why points moved.")
class LedgerKind(Enum):
    TOP_UP = strawberry.enum_value("TOP_UP", description="Points were bought.")
    PURCHASE = strawberry.enum_value("PURCHASE", description="A payment was charged.")
    REFUND = strawberry.enum_value("REFUND", description="A refund was settled.")


@strawberry.enum(description="Where a payment stands.")
class PaymentState(Enum):
    READY = strawberry.enum_value("READY", description="Can be paid until expiresAt.")
    PAID = strawberry.enum_value("PAID", description="Charged.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Given up by its user before it was paid.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="Not paid in time.")
    PARTIALLY_REFUNDED = strawberry.enum_value("PARTIALLY_REFUNDED", description="Some of its lines were taken back.")
    REFUNDED = strawberry.enum_value("REFUNDED", description="All of its lines were taken back.")


@strawberry.enum(description="Where a refund stands.")
class RefundState(Enum):
    IN_PROGRESS = strawberry.enum_value(
        "IN_PROGRESS", description="The games are given back; the points come on settlement."
    )
    COMPLETED = strawberry.enum_value("COMPLETED", description="The points are back.")


@strawberry.federation.type(keys=[REFERENCE])
class Product:
    id: ID


def products(ids: list[str]) -> list[Product]:
    return [Product(id=ID(product_id)) for product_id in ids]


@strawberry.federation.type(keys=["id"])
class Order:
    id: ID

    @strawberry.field(description="The order's latest payment; null before the first one.")
    async def payment(self, info: Info) -> "Payment | None":
        viewer = info.context.viewer
        payment = await info.context.load(info.context.service.payments.by_orders, self.id)
        return Payment.of(payment) if payment and viewer.may_see(payment.user_id) else None


@strawberry.type(description="Points given back, or to be given back.")
class Refund:
    id: ID
    state: RefundState = strawberry.field(description="Where the refund stands.")
    amount: int = strawberry.field(description="In points.")
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    completed_at: datetime | None = strawberry.field(description="When the points came back.")

    @strawberry.field(description="The games that were given back.")
    async def products(self, info: Info) -> list[Product]:
        return products(await info.context.load(info.context.service.refunds.products, self.id))

    @classmethod
    def of(cls, refund: RefundRow) -> "Refund":
        return cls(
            id=ID(refund.id),
            state=RefundState(refund.state),
            amount=refund.amount,
            requested_at=refund.requested_at,
            completed_at=refund.completed_at,
        )


@strawberry.federation.type(keys=["id"], description="The payment of an order.")
class Payment:
    id: ID
    order: Order = strawberry.field(description="What is paid.")
    state: PaymentState = strawberry.field(description="Where the payment stands.")
    amount: int = strawberry.field(description="In points, fixed when the payment was made.")
    created_at: datetime = strawberry.field(description="When the payment was made.")
    paid_at: datetime | None = strawberry.field(description="When it was charged.")
    expires_at: datetime | None = strawberry.field(description="While READY: until when it can be paid.")

    @strawberry.field(description="What was given back of it, the oldest first.")
    async def refunds(self, info: Info) -> list[Refund]:
        rows = await info.context.load(info.context.service.refunds.of_payments, self.id)
        return [Refund.of(row) for row in rows]

    @classmethod
    async def resolve_reference(cls, info: Info, id: ID) -> "Payment | None":
        viewer = info.context.viewer
        payment = await info.context.load(info.context.service.payments.by_ids, id)
        return cls.of(payment) if payment and viewer.may_see(payment.user_id) else None

    @classmethod
    def of(cls, payment: PaymentView) -> "Payment":
        return cls(
            id=ID(payment.id),
            order=Order(id=ID(payment.order_id)),
            state=PaymentState(payment.state),
            amount=payment.amount,
            created_at=payment.created_at,
            paid_at=payment.paid_at,
            expires_at=payment.expires_at if payment.state == "READY" else None,
        )


@strawberry.type(description="One change of a wallet.")
class LedgerEntry:
    id: ID
    kind: LedgerKind = strawberry.field(description="Why the points moved.")
    amount: int = strawberry.field(description="Signed points.")
    balance_after: int = strawberry.field(description="The wallet's balance after it, in points.")
    created_at: datetime = strawberry.field(description="When the points moved.")
    payment_id: strawberry.Private[str | None]

    @strawberry.field(description="The payment that was charged or refunded; null for a top-up.")
    async def payment(self, info: Info) -> Payment | None:
        if self.payment_id is None:
            return None
        payment = await info.context.load(info.context.service.payments.by_ids, self.payment_id)
        return Payment.of(payment) if payment else None

    @classmethod
    def of(cls, entry: LedgerRow) -> "LedgerEntry":
        return cls(
            id=ID(str(entry.id)),
            kind=LedgerKind(entry.kind),
            amount=entry.amount,
            balance_after=entry.balance_after,
            created_at=entry.created_at,
            payment_id=entry.payment_id,
        )


@strawberry.type(name="LedgerConnection", description="One page of a ledger.")
class LedgerConnection(Connection[LedgerEntry]):
    pass


@strawberry.type(name="PaymentConnection", description="One page of payments.")
class PaymentConnection(Connection[Payment]):
    pass


@strawberry.type(description="A user's points.")
class Wallet:
    user_id: strawberry.Private[str]

    @strawberry.field(description="In points.")
    async def balance(self, info: Info) -> int:
        return await info.context.load(info.context.service.wallets.balances, self.user_id)

    @strawberry.field(description="Every change of the balance, the newest first.")
    async def entries(self, info: Info, first: int | None = 20, after: str | None = None) -> LedgerConnection:
        wallets, user_id = info.context.service.wallets, self.user_id
        page = await wallets.entries(user_id, PageRequest(first, after))
        return LedgerConnection.of(page, LedgerEntry.of, lambda: wallets.count_entries(user_id))


@strawberry.federation.type(keys=["id"])
class User:
    id: ID

    @strawberry.field(description="Points, for its owner and admins only.")
    def wallet(self, info: Info) -> Wallet:
        return Wallet(user_id=info.context.owner(self.id))

    @strawberry.field(description="Payments, the newest first, for their owner and admins only.")
    async def payments(self, info: Info, first: int | None = 20, after: str | None = None) -> PaymentConnection:
        payments, user_id = info.context.service.payments, info.context.owner(self.id)
        page = await payments.page(user_id, PageRequest(first, after))
        return PaymentConnection.of(page, Payment.of, lambda: payments.count(user_id))
