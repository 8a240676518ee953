"""The events that payment publishes."""

from datetime import datetime
from typing import ClassVar

from subgraphs.contracts.command import Message
from subgraphs.contracts.event import Event, published


class PaidLine(Message, frozen=True, rename="camel"):
    """A product of a payment; `points` is what was charged for it."""

    product_id: str
    points: int
    claim_id: str | None = None


@published
class PaymentPaid(Event, frozen=True, rename="camel", kw_only=True):
    """A payment was charged: its order is paid, its held units are sold, its games belong to the user."""

    topic: ClassVar[str] = "payment.paid"
    producer: ClassVar[str] = "payment"
    consumers: ClassVar[frozenset[str]] = frozenset({"order", "stock", "library"})

    payment_id: str
    order_id: str
    paid_at: datetime
    lines: list[PaidLine]
    holds_units: bool = True
    """False where stock certainly holds nothing for the payment. Then the event does not concern stock."""

    def concerns(self, consumer: str) -> bool:
        return self.holds_units or consumer != "stock"


@published
class PaymentCancelled(Event, frozen=True, rename="camel", kw_only=True):
    """A payment was cancelled or has expired: its order can be paid anew, and its units are free."""

    topic: ClassVar[str] = "payment.cancelled"
    producer: ClassVar[str] = "payment"
    consumers: ClassVar[frozenset[str]] = frozenset({"order", "stock"})

    payment_id: str
    order_id: str


@published
class PaymentRefunded(Event, frozen=True, rename="camel", kw_only=True):
    """Lines of a payment were taken back: library has revoked the games, and the units return."""

    topic: ClassVar[str] = "payment.refunded"
    producer: ClassVar[str] = "payment"
    consumers: ClassVar[frozenset[str]] = frozenset({"stock"})

    refund_id: str
    payment_id: str
    lines: list[PaidLine]
