"""What payment announces."""

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
class PaymentPaid(Event, frozen=True, rename="camel"):
    """A payment was charged: the order is paid, held units are sold, the games are the user's."""

    topic: ClassVar[str] = "payment.paid"
    producer: ClassVar[str] = "payment"
    consumers: ClassVar[frozenset[str]] = frozenset({"order", "stock", "library"})

    payment_id: str
    order_id: str
    user_id: str
    paid_at: datetime
    lines: list[PaidLine]


@published
class PaymentCancelled(Event, frozen=True, rename="camel"):
    """A payment was cancelled or has expired: its order can be paid anew, its units are free."""

    topic: ClassVar[str] = "payment.cancelled"
    producer: ClassVar[str] = "payment"
    consumers: ClassVar[frozenset[str]] = frozenset({"order", "stock"})

    payment_id: str
    order_id: str
    user_id: str


@published
class PaymentRefunded(Event, frozen=True, rename="camel"):
    """Lines of a payment were taken back: the library has revoked them, their units return."""

    topic: ClassVar[str] = "payment.refunded"
    producer: ClassVar[str] = "payment"
    consumers: ClassVar[frozenset[str]] = frozenset({"stock"})

    refund_id: str
    payment_id: str
    user_id: str
    lines: list[PaidLine]
