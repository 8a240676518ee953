"""What the order subgraph speaks of: orders, wishes, and the outcomes that a client must expect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from subgraphs.contracts.order import OrderLine
from subgraphs.kit.errors import InvalidState


class OrderState(Enum):
    """Where an order stands."""

    READY = "READY"
    ORDERED = "ORDERED"
    PAID = "PAID"
    CANCELLED = "CANCELLED"


WHY_NOT_READY = {
    OrderState.READY: "This payment of the order was given up. Start a new one.",
    OrderState.ORDERED: "The order is being paid. Cancel its payment first.",
    OrderState.PAID: "The order has been paid. Ask for a refund of the payment instead.",
    OrderState.CANCELLED: "The order has been cancelled.",
}


@dataclass(frozen=True)
class Order:
    """An order with its lines; the points of a line never change.

    One that was given up before it came is CANCELLED and not `placed`: it is shown to nobody, and keeps
    the late arrival out.
    """

    id: str
    user_id: str
    state: OrderState
    total_points: int
    placed_at: datetime
    payment_id: str | None = None
    """The payment that it is in, or was in last."""
    placed: bool = True
    lines: tuple[OrderLine, ...] = ()

    @classmethod
    def new(
        cls,
        order_id: str,
        user_id: str,
        lines: Sequence[OrderLine],
        now: datetime,
        payment_id: str | None = None,
    ) -> "Order":
        """An order as it is placed: with a payment it is in it at once."""
        return cls(
            id=order_id,
            user_id=user_id,
            state=OrderState.ORDERED if payment_id else OrderState.READY,
            total_points=sum(line.points for line in lines),
            placed_at=now,
            payment_id=payment_id,
            lines=tuple(lines),
        )

    @classmethod
    def given_up(cls, order_id: str, user_id: str, now: datetime) -> "Order":
        """The mark of an order that must not come any more."""
        return cls(order_id, user_id, OrderState.CANCELLED, 0, now, placed=False)

    @property
    def product_ids(self) -> list[str]:
        return [line.product_id for line in self.lines]

    @property
    def not_ready(self) -> InvalidState:
        """Why it cannot be changed, or enter a payment, now."""
        return InvalidState(WHY_NOT_READY[self.state])

    def is_in(self, payment_id: str) -> bool:
        """Whether it is being paid, or was paid, by this payment."""
        return self.payment_id == payment_id and self.state in (OrderState.ORDERED, OrderState.PAID)


@dataclass(frozen=True)
class Request:
    """What makes a repeated request known: the user's idempotency key, and what was asked under it."""

    user_id: str
    key: str
    hash: str


@dataclass(frozen=True)
class NotOnWishlist:
    """These products are not on the user's wishlist."""

    product_ids: list[str]
