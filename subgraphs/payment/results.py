"""The result unions: what a client sees of an outcome."""

from enum import Enum
from typing import Annotated

import strawberry
from strawberry import ID

from subgraphs.payment.checkouts import domain as outcomes
from subgraphs.payment.models import Refund as RefundRow
from subgraphs.payment.payments.repository import PaymentView
from subgraphs.payment.types import Payment, Product, Refund, products


@strawberry.enum(description="Why a line cannot be refunded.")
class NotRefundableReason(Enum):
    PLAYED = strawberry.enum_value("PLAYED", description="The game was played.")
    TOO_LATE = strawberry.enum_value("TOO_LATE", description="It was paid more than seven days ago.")
    NOT_PAID = strawberry.enum_value("NOT_PAID", description="It was not paid.")
    ALREADY_REFUNDED = strawberry.enum_value("ALREADY_REFUNDED", description="It was refunded before.")


@strawberry.type(description="The wallet holds too few points.")
class InsufficientPoints:
    message: str
    required: int = strawberry.field(description="What the payment needs, in points.")
    balance: int = strawberry.field(description="What the wallet holds, in points.")


@strawberry.type(description="A product of which too few units are left.")
class OutOfStockItem:
    product: Product = strawberry.field(description="The product.")
    requested: int = strawberry.field(description="How many units were asked for.")
    available: int = strawberry.field(description="How many there are.")


@strawberry.type(description="Some products have too few units left. Nothing was charged.")
class OutOfStock:
    message: str
    items: list[OutOfStockItem] = strawberry.field(description="The products that are short.")


@strawberry.federation.type(shareable=True, description="Some products are owned already.")
class AlreadyOwned:
    message: str
    products: list[Product] = strawberry.field(description="The products that are owned already.")


@strawberry.type(description="The total is not the one that was expected. Nothing was charged.")
class PriceChanged:
    message: str
    expected: int = strawberry.field(description="What the client had shown, in points.")
    actual: int = strawberry.field(description="What it would cost now, in points.")


@strawberry.type(description="A line that cannot be refunded.")
class NotRefundableLine:
    product: Product = strawberry.field(description="The product.")
    reason: NotRefundableReason = strawberry.field(description="Why not.")


@strawberry.type(description="None of the lines can be refunded.")
class NotRefundable:
    message: str
    lines: list[NotRefundableLine] = strawberry.field(description="Each line with the reason.")


StartPaymentResult = Annotated[Payment | OutOfStock | AlreadyOwned, strawberry.union("StartPaymentResult")]
PayResult = Annotated[Payment | InsufficientPoints | AlreadyOwned, strawberry.union("PayResult")]
CheckoutResult = Annotated[
    Payment | InsufficientPoints | OutOfStock | AlreadyOwned | PriceChanged,
    strawberry.union("CheckoutResult"),
]
RefundResult = Annotated[Refund | NotRefundable, strawberry.union("RefundResult")]
Shown = Payment | InsufficientPoints | OutOfStock | AlreadyOwned | PriceChanged


def shown(outcome: PaymentView | outcomes.CheckoutOutcome) -> Shown:
    """What a client sees of an outcome. Raises the error of a refused one."""
    match outcome:
        case PaymentView():
            return Payment.of(outcome)
        case outcomes.InsufficientPoints(required, balance):
            text = f"This needs {required} points; the wallet holds {balance}."
            return InsufficientPoints(message=text, required=required, balance=balance)
        case outcomes.OutOfStock(items):
            return OutOfStock(message="Too few units are left.", items=[_item(item) for item in items])
        case outcomes.AlreadyOwned(ids):
            return AlreadyOwned(message="You own this already.", products=products(ids))
        case outcomes.PriceChanged(expected, actual):
            text = f"The total is {actual} points now, not {expected}."
            return PriceChanged(message=text, expected=expected, actual=actual)
        case outcomes.Refused():
            raise outcome.error()
        case _:
            raise AssertionError(f"no such outcome: {outcome}")


def shown_refund(outcome: RefundRow | outcomes.NotRefundable) -> Refund | NotRefundable:
    """What a client sees of a refund."""
    if isinstance(outcome, RefundRow):
        return Refund.of(outcome)
    lines = [
        NotRefundableLine(product=Product(id=ID(line.product_id)), reason=NotRefundableReason(line.reason))
        for line in outcome.lines
    ]
    return NotRefundable(message="None of these can be refunded.", lines=lines)


def _item(item: outcomes.ShortItem) -> OutOfStockItem:
    product = Product(id=ID(item.product_id))
    return OutOfStockItem(product=product, requested=item.requested, available=item.available)
