"""The payment subgraph's GraphQL types."""

from datetime import date, datetime
from typing import Annotated

import strawberry
from strawberry import ID

from subgraphs.kit.graphql.paging import After, Connection, First, PageRequest
from subgraphs.kit.graphql.sizes import PAGE_SIZE, list_size
from subgraphs.kit.web.auth import Role
from subgraphs.kit.web.context import Context
from subgraphs.payment.enums import LedgerKind, PaymentState, VisibleRefundState
from subgraphs.payment.payments import domain as payments
from subgraphs.payment.refunds import domain as refunds
from subgraphs.payment.service import PaymentService
from subgraphs.payment.sold_types import SoldInPeriod
from subgraphs.payment.wallets import domain as wallets

Info = strawberry.Info[Context[PaymentService], None]


@strawberry.federation.type(keys=["id"], description="A game of the catalogue.")
class Product:
    id: ID = strawberry.field(description="The id of the product.")

    @strawberry.field(
        description="What was sold of it in a period of 366 days at most; for its publisher and admins only."
    )
    async def sold(
        self,
        info: Info,
        first_day: Annotated[
            date | None,
            strawberry.argument(name="from", description="The first day, in UTC; null means 29 days before the last."),
        ] = None,
        last_day: Annotated[
            date | None, strawberry.argument(name="to", description="The last day, in UTC; null means today.")
        ] = None,
    ) -> SoldInPeriod | None:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        products = info.context.service.sold
        return SoldInPeriod.of(await info.context.load(products.in_period, self.id, viewer, first_day, last_day))

    @classmethod
    def resolve_reference(cls, id: ID) -> "Product":
        return cls(id=id)

    @classmethod
    def of(cls, product_id: str) -> "Product":
        return cls(id=ID(product_id))


@strawberry.federation.type(keys=["id"], description="Products that a user has ordered. Prices are fixed.")
class Order:
    id: ID = strawberry.field(description="The id of the order.")

    @strawberry.field(description="The order's latest payment, for its user and admins; null before the first one.")
    async def payment(self, info: Info) -> "Payment | None":
        viewer = info.context.viewer
        payment = await info.context.load(info.context.service.payments.latest_by_orders, self.id)
        return Payment.of(payment) if payment and viewer.may_see(payment.user_id) else None


@strawberry.type(description="Products of a payment that were given back for points.")
class Refund:
    id: ID = strawberry.field(description="The id of the refund.")
    state: VisibleRefundState = strawberry.field(description="The refund's state.")
    amount: int = strawberry.field(description="What was paid for the products, in points.")
    requested_at: datetime = strawberry.field(description="When the refund was requested.")
    completed_at: datetime | None = strawberry.field(description="When the points came back; null before.")

    @strawberry.field(description="The products that were given back.", directives=[list_size(10)])
    async def products(self, info: Info) -> list[Product]:
        return [Product.of(one) for one in await info.context.load(info.context.service.refunds.products, self.id)]

    @classmethod
    def of(cls, refund: refunds.Refund) -> "Refund":
        return cls(
            id=ID(refund.id),
            state=VisibleRefundState(refund.state.value),
            amount=refund.amount,
            requested_at=refund.requested_at,
            completed_at=refund.completed_at,
        )


@strawberry.federation.type(keys=["id"], description="The payment of an order.")
class Payment:
    id: ID = strawberry.field(description="The id of the payment.")
    order: Order = strawberry.field(description="The order that is paid.")
    state: PaymentState = strawberry.field(description="The payment's state.")
    amount: int = strawberry.field(description="The price of the order in points, fixed.")
    created_at: datetime = strawberry.field(description="When the payment was started.")
    paid_at: datetime | None = strawberry.field(description="When the payment was charged; null before.")
    expires_at: datetime | None = strawberry.field(description="Until when a READY payment can be paid; else null.")

    # Each product is refunded once: many refunds have few products.
    @strawberry.field(description="The payment's refunds, oldest first.", directives=[list_size(5)])
    async def refunds(self, info: Info) -> list[Refund]:
        found = await info.context.load(info.context.service.refunds.by_payments, self.id)
        return [Refund.of(refund) for refund in found]

    @classmethod
    async def resolve_reference(cls, info: Info, id: ID) -> "Payment | None":
        viewer = info.context.viewer
        payment = await info.context.load(info.context.service.payments.by_ids, id)
        return cls.of(payment) if payment and viewer.may_see(payment.user_id) else None

    @classmethod
    def of(cls, payment: payments.Payment) -> "Payment":
        return cls(
            id=ID(payment.id),
            order=Order(id=ID(payment.order_id)),
            state=payment.state,
            amount=payment.amount,
            created_at=payment.created_at,
            paid_at=payment.paid_at,
            expires_at=payment.expires_at if payment.state is PaymentState.READY else None,
        )


@strawberry.type(description="One change of a wallet's balance.")
class LedgerEntry:
    id: ID = strawberry.field(description="The id of the entry.")
    kind: LedgerKind = strawberry.field(description="Why the points moved.")
    amount: int = strawberry.field(description="The change in points: negative for a purchase.")
    balance_after: int = strawberry.field(description="The balance after this change, in points.")
    created_at: datetime = strawberry.field(description="When the points moved.")
    payment_id: strawberry.Private[str | None]

    @strawberry.field(description="The payment that was charged or refunded; null for a top-up.")
    async def payment(self, info: Info) -> Payment | None:
        if self.payment_id is None:
            return None
        payment = await info.context.load(info.context.service.payments.by_ids, self.payment_id)
        return Payment.of(payment) if payment else None

    @classmethod
    def of(cls, entry: wallets.LedgerEntry) -> "LedgerEntry":
        return cls(
            id=ID(str(entry.id)),
            kind=entry.kind,
            amount=entry.amount,
            balance_after=entry.balance_after,
            created_at=entry.created_at,
            payment_id=entry.payment_id,
        )


@strawberry.type(name="LedgerConnection", description="A page of a wallet's ledger.")
class LedgerConnection(Connection[LedgerEntry]):
    pass


@strawberry.type(name="PaymentConnection", description="A page of payments.")
class PaymentConnection(Connection[Payment]):
    pass


@strawberry.type(description="A user's points.")
class Wallet:
    user_id: strawberry.Private[str]

    @strawberry.field(description="The points in the wallet.")
    async def balance(self, info: Info) -> int:
        return await info.context.load(info.context.service.wallets.balances, self.user_id)

    @strawberry.field(
        description="The wallet's ledger: every change of the balance, newest first.", directives=[PAGE_SIZE]
    )
    async def entries(self, info: Info, first: First = 20, after: After = None) -> LedgerConnection:
        service, user_id = info.context.service.wallets, self.user_id
        page = await service.page(user_id, PageRequest(first, after))
        return LedgerConnection.of(page, LedgerEntry.of, lambda: service.count(user_id))


@strawberry.federation.type(keys=["id"], description="An account.")
class User:
    id: ID = strawberry.field(description="The id of the user.")

    @strawberry.field(description="The user's points, for the user and admins only.")
    def wallet(self, info: Info) -> Wallet:
        return Wallet(user_id=info.context.owner(self.id))

    @strawberry.field(
        description="The user's payments, newest first, for the user and admins only.", directives=[PAGE_SIZE]
    )
    async def payments(self, info: Info, first: First = 20, after: After = None) -> PaymentConnection:
        service, user_id = info.context.service.payments, info.context.owner(self.id)
        page = await service.page(user_id, PageRequest(first, after))
        return PaymentConnection.of(page, Payment.of, lambda: service.count(user_id))
