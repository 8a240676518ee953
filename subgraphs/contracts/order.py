"""What payment asks of order: to place, to enter into payment, and to leave it again."""

from typing import Literal

from subgraphs.contracts.command import Command, Message

MAX_PRODUCTS = 50
"""How many products one order, and so one checkout, may have; and how many claims."""


class OrderLine(Message, frozen=True, rename="camel"):
    """A product with the price that the order fixed, in points."""

    product_id: str
    points: int
    discount_percent: int = 0
    claim_id: str | None = None


class PlaceRequest(Message, frozen=True, rename="camel"):
    """An order for a checkout, placed straight into payment. Idempotent by `order_id`."""

    order_id: str
    payment_id: str
    user_id: str
    product_ids: list[str]
    claim_ids: list[str] = []
    expected_total: int | None = None


class EnterRequest(Message, frozen=True, rename="camel"):
    """Takes a READY order into a payment. Idempotent by `payment_id`."""

    order_id: str
    payment_id: str
    user_id: str


class OrderOutcome(Message, frozen=True, rename="camel"):
    """What became of an order that was to be paid.

    `product_ids` are those owned already; `total` is set when ready and when the price changed; `code` and
    `message` are those of the GraphQL error that the client gets when refused.
    """

    kind: Literal["ready", "already_owned", "price_changed", "refused"]
    total: int = 0
    lines: list[OrderLine] = []
    product_ids: list[str] = []
    code: str = ""
    message: str = ""


class LeaveRequest(Message, frozen=True, rename="camel"):
    """Takes an order out of a payment that will not be paid: back to READY, or CANCELLED for good.

    An order that is not there yet (its placing is still under way somewhere) is kept from ever coming.
    """

    order_id: str
    payment_id: str
    user_id: str
    cancel: bool


class Left(Message, frozen=True, rename="camel"):
    """The order is not in that payment (any more)."""


PLACE_CHECKOUT_ORDERS = Command(
    subgraph="order",
    kind="mutation",
    field="placeCheckoutOrders",
    request=PlaceRequest,
    outcome=OrderOutcome,
    description="Places orders for checkouts, at today's prices.",
)
ENTER_PAYMENTS = Command(
    subgraph="order",
    kind="mutation",
    field="enterPayments",
    request=EnterRequest,
    outcome=OrderOutcome,
    description="Takes placed orders into payment: they are ORDERED.",
)
LEAVE_PAYMENTS = Command(
    subgraph="order",
    kind="mutation",
    field="leavePayments",
    request=LeaveRequest,
    outcome=Left,
    description="Takes orders out of payments that will not be paid.",
)
