"""The payment subgraph's result unions, made from what its services return."""

from typing import Annotated, assert_never

import strawberry

from subgraphs.contracts.order import MAX_PRODUCTS
from subgraphs.kit.graphql.problem import Problem
from subgraphs.kit.graphql.sizes import list_size
from subgraphs.payment.checkouts import domain as checkouts
from subgraphs.payment.enums import NotRefundableReason
from subgraphs.payment.payments import domain as payments
from subgraphs.payment.refunds import domain as refunds
from subgraphs.payment.top_up_types import TopUp
from subgraphs.payment.top_ups import domain as top_ups
from subgraphs.payment.types import Payment, Product, Refund


@strawberry.type(description="The wallet holds too few points. Nothing was charged.")
class InsufficientPoints(Problem):
    required: int = strawberry.field(description="What the payment costs, in points.")
    balance: int = strawberry.field(description="What the wallet holds, in points.")

    @classmethod
    def of(cls, outcome: payments.InsufficientPoints) -> "InsufficientPoints":
        text = f"This needs {outcome.required} points; the wallet holds {outcome.balance}."
        return cls(message=text, required=outcome.required, balance=outcome.balance)


@strawberry.type(description="A product of which too few units are left.")
class OutOfStockItem:
    product: Product = strawberry.field(description="The product.")
    requested: int = strawberry.field(description="How many units were requested.")
    available: int = strawberry.field(description="How many units are available.")

    @classmethod
    def of(cls, item: checkouts.ShortItem) -> "OutOfStockItem":
        return cls(product=Product.of(item.product_id), requested=item.requested, available=item.available)


@strawberry.type(description="Too few units of some products are left. Nothing was charged.")
class OutOfStock(Problem):
    items: list[OutOfStockItem] = strawberry.field(
        description="The products with too few units.", directives=[list_size(MAX_PRODUCTS)]
    )

    @classmethod
    def of(cls, outcome: checkouts.OutOfStock) -> "OutOfStock":
        return cls(message="Too few units are left.", items=[OutOfStockItem.of(item) for item in outcome.items])


@strawberry.federation.type(shareable=True, description="The user owns some of the products already.")
class AlreadyOwned(Problem):
    products: list[Product] = strawberry.field(
        description="The products that the user owns already.", directives=[list_size(MAX_PRODUCTS)]
    )

    @classmethod
    def of(cls, outcome: payments.AlreadyOwned) -> "AlreadyOwned":
        return cls(message="You own this already.", products=[Product.of(one) for one in outcome.product_ids])


@strawberry.federation.type(shareable=True, description="Some of the products are withdrawn: they are not sold now.")
class ProductsWithdrawn(Problem):
    products: list[Product] = strawberry.field(
        description="The products that are withdrawn.", directives=[list_size(MAX_PRODUCTS)]
    )

    @classmethod
    def of(cls, outcome: checkouts.Withdrawn) -> "ProductsWithdrawn":
        return cls(message="This is not sold any more.", products=[Product.of(one) for one in outcome.product_ids])


@strawberry.type(description="The total is not the expected one. Nothing was charged.")
class PriceChanged(Problem):
    expected: int = strawberry.field(description="The expectedTotal of the request, in points.")
    actual: int = strawberry.field(description="What the products cost now, in points.")

    @classmethod
    def of(cls, outcome: checkouts.PriceChanged) -> "PriceChanged":
        text = f"The total is {outcome.actual} points now, not {outcome.expected}."
        return cls(message=text, expected=outcome.expected, actual=outcome.actual)


@strawberry.type(description="A product that cannot be refunded.")
class NotRefundableLine:
    product: Product = strawberry.field(description="The product.")
    reason: NotRefundableReason = strawberry.field(description="Why the product cannot be refunded.")


@strawberry.type(description="None of the products can be refunded.")
class NotRefundable(Problem):
    lines: list[NotRefundableLine] = strawberry.field(
        description="The products, each with the reason.", directives=[list_size(MAX_PRODUCTS)]
    )

    @classmethod
    def of(cls, outcome: refunds.NotRefundable) -> "NotRefundable":
        lines = [NotRefundableLine(product=Product.of(line.product_id), reason=line.reason) for line in outcome.lines]
        return cls(message="None of these can be refunded.", lines=lines)


StartPaymentResult = Annotated[
    Payment | OutOfStock | AlreadyOwned | ProductsWithdrawn,
    strawberry.union("StartPaymentResult", description="The READY payment, or why there is none."),
]
PayResult = Annotated[
    Payment | InsufficientPoints | AlreadyOwned,
    strawberry.union("PayResult", description="The PAID payment, or why it was not charged."),
]
CheckoutResult = Annotated[
    Payment | InsufficientPoints | OutOfStock | AlreadyOwned | ProductsWithdrawn | PriceChanged,
    strawberry.union("CheckoutResult", description="The PAID payment, or why nothing was bought."),
]
RefundResult = Annotated[
    Refund | NotRefundable,
    strawberry.union("RefundResult", description="The refund, or why there is none."),
]
RefundTopUpResult = Annotated[
    TopUp | InsufficientPoints,
    strawberry.union("RefundTopUpResult", description="The REFUNDED or REFUNDING top-up, or why it is not given back."),
]


def start_payment_to_graphql(outcome: checkouts.StartResult) -> StartPaymentResult:
    match outcome:
        case payments.Payment():
            return Payment.of(outcome)
        case checkouts.OutOfStock():
            return OutOfStock.of(outcome)
        case payments.AlreadyOwned():
            return AlreadyOwned.of(outcome)
        case checkouts.Withdrawn():
            return ProductsWithdrawn.of(outcome)
        case _:
            assert_never(outcome)


def pay_to_graphql(outcome: payments.PayOutcome) -> PayResult:
    match outcome:
        case payments.Payment():
            return Payment.of(outcome)
        case payments.InsufficientPoints():
            return InsufficientPoints.of(outcome)
        case payments.AlreadyOwned():
            return AlreadyOwned.of(outcome)
        case _:
            assert_never(outcome)


def checkout_to_graphql(outcome: checkouts.CheckoutResult) -> CheckoutResult:
    match outcome:
        case payments.Payment() | payments.InsufficientPoints() | payments.AlreadyOwned():
            return pay_to_graphql(outcome)
        case checkouts.OutOfStock():
            return OutOfStock.of(outcome)
        case checkouts.Withdrawn():
            return ProductsWithdrawn.of(outcome)
        case checkouts.PriceChanged():
            return PriceChanged.of(outcome)
        case _:
            assert_never(outcome)


def refund_to_graphql(outcome: refunds.Refund | refunds.NotRefundable) -> RefundResult:
    match outcome:
        case refunds.Refund():
            return Refund.of(outcome)
        case refunds.NotRefundable():
            return NotRefundable.of(outcome)
        case _:
            assert_never(outcome)


def refund_top_up_to_graphql(outcome: top_ups.TopUp | payments.InsufficientPoints) -> RefundTopUpResult:
    match outcome:
        case top_ups.TopUp():
            return TopUp.of(outcome)
        case payments.InsufficientPoints():
            return InsufficientPoints.of(outcome)
        case _:
            assert_never(outcome)
