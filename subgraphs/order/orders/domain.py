"""Orders: their states, and what can happen to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from subgraphs.contracts.order import OrderLine
from subgraphs.kit.errors import InvalidState, NotFound
from subgraphs.order.wishlist.domain import AlreadyOwned, Withdrawn


class OrderState(Enum):
    """How far an order has come. PAID and CANCELLED are final."""

    READY = "READY"
    ORDERED = "ORDERED"
    PAID = "PAID"
    CANCELLED = "CANCELLED"


_WHY_NOT_READY = {
    OrderState.READY: "This payment of the order was cancelled. Start a new one.",
    OrderState.ORDERED: "The order is being paid. Cancel its payment first.",
    OrderState.PAID: "The order has been paid. Request a refund of its payment instead.",
    OrderState.CANCELLED: "The order has been cancelled.",
}


@dataclass(frozen=True)
class Request:
    """Identifies a client's request to place an order, so that a repeated one is recognised."""

    user_id: str
    key: str
    """The SHA-256 of the idempotency key."""
    hash: str
    """The SHA-256 of what was requested."""


@dataclass(frozen=True)
class Order:
    """A user's order. Its lines keep the prices (points) of the time it was placed."""

    id: str
    user_id: str
    state: OrderState
    total_points: int
    placed_at: datetime
    payment_id: str | None = None
    """The payment that the order is attached to, or was last."""
    placed: bool = True
    """False for a tombstone."""
    request: Request | None = None
    """The request that placed the order; None when a checkout placed it."""
    lines: tuple[OrderLine, ...] = ()

    @classmethod
    def new(
        cls,
        order_id: str,
        user_id: str,
        lines: Sequence[OrderLine],
        now: datetime,
        *,
        payment_id: str | None = None,
        request: Request | None = None,
    ) -> "Order":
        """A new order; attached to a payment from the start where one is given."""
        return cls(
            id=order_id,
            user_id=user_id,
            state=OrderState.ORDERED if payment_id else OrderState.READY,
            total_points=_total(lines),
            placed_at=now,
            payment_id=payment_id,
            request=request,
            lines=tuple(lines),
        )

    @classmethod
    def tombstone(cls, order_id: str, user_id: str, now: datetime) -> "Order":
        """Stands for an order that was given up before it was placed. It keeps the order from being placed later."""
        return cls(
            id=order_id, user_id=user_id, state=OrderState.CANCELLED, total_points=0, placed_at=now, placed=False
        )

    @property
    def product_ids(self) -> list[str]:
        return [line.product_id for line in self.lines]

    @property
    def not_ready(self) -> InvalidState:
        """Why the order cannot be changed, or attached to a payment."""
        return InvalidState(_WHY_NOT_READY[self.state])

    def is_in(self, payment_id: str) -> bool:
        """Whether the order is attached to this payment, or was paid by it."""
        return self.payment_id == payment_id and self.state in (OrderState.ORDERED, OrderState.PAID)

    def is_taken_from(self, payment_id: str) -> bool:
        """Whether another payment has the order, which is not paid yet."""
        return self.state is OrderState.ORDERED and self.payment_id != payment_id

    # ---- what its user does; each method gives the changed order

    def without(self, product_id: str) -> "Order":
        """The order without one of its products. Raises NotFound, InvalidState."""
        self._require_ready()
        lines = tuple(line for line in self.lines if line.product_id != product_id)
        if len(lines) == len(self.lines):
            raise NotFound("The order does not contain this product.")
        if not lines:
            raise InvalidState("The last product cannot be removed. Cancel the order instead.")
        return replace(self, lines=lines, total_points=_total(lines))

    def cancelled(self) -> "Order":
        """The order, cancelled. Idempotent. Raises InvalidState."""
        if self.state is not OrderState.CANCELLED:
            self._require_ready()
        return replace(self, state=OrderState.CANCELLED)

    def _require_ready(self) -> None:
        if self.state is not OrderState.READY:
            raise self.not_ready

    # ---- what its payment does; each method is idempotent

    def attached(
        self, payment_id: str, owned: Collection[str], withdrawn: Collection[str], *, detached: bool
    ) -> "Order | AlreadyOwned | Withdrawn | InvalidState":
        """The order attached to the payment, or why it cannot be.

        `owned` are products that the user owns, `withdrawn` those that are not offered any more; `detached` tells
        that this payment was detached before, after which it can never be attached again.
        """
        if self.is_in(payment_id):
            return self
        if self.state is not OrderState.READY or detached:
            return self.not_ready
        mine = [product_id for product_id in self.product_ids if product_id in owned]
        if mine:
            return AlreadyOwned(mine)
        gone = [product_id for product_id in self.product_ids if product_id in withdrawn]
        if gone:
            return Withdrawn(gone)
        return replace(self, state=OrderState.ORDERED, payment_id=payment_id)

    def detached(self, payment_id: str, *, cancel: bool) -> "Order":
        """The order after the payment was given up: READY again or CANCELLED. Unchanged by another order's payment."""
        # READY can be cancelled too: the event of the same payment may have arrived first.
        states = (OrderState.ORDERED, OrderState.READY) if cancel else (OrderState.ORDERED,)
        if self.payment_id != payment_id or self.state not in states:
            return self
        return replace(self, state=OrderState.CANCELLED if cancel else OrderState.READY)


@dataclass(frozen=True)
class NotOnWishlist:
    """These products are not on the user's wishlist."""

    product_ids: list[str]


@dataclass(frozen=True)
class PriceChanged:
    """The order would not cost what the client expects."""

    lines: list[OrderLine]

    @property
    def total_points(self) -> int:
        return _total(self.lines)


def _total(lines: Sequence[OrderLine]) -> int:
    return sum(line.points for line in lines)
