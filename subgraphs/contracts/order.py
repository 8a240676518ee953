"""What payment asks of order: to place orders, and to attach them to payments and detach them."""

from typing import Literal

from subgraphs.contracts.command import Command, Message

MAX_PRODUCTS = 50
"""The most products of one order or checkout, and the most claims."""


class OrderLine(Message, frozen=True, rename="camel"):
    """A product of an order, at the price (points) that the order fixed."""

    product_id: str
    points: int
    discount_percent: int = 0
    claim_id: str | None = None
    title: str | None = None
    """The product's title when it was ordered. None for orders made before titles were kept."""


class PlaceRequest(Message, frozen=True, rename="camel"):
    """Places a checkout's order, attached to its payment from the start. Idempotent by `order_id`."""

    order_id: str
    payment_id: str
    user_id: str
    product_ids: list[str]
    claim_ids: list[str] = []
    expected_total: int | None = None
    """What the client expects to pay, in points. None accepts any price."""


class AttachRequest(Message, frozen=True, rename="camel"):
    """Attaches a READY order to a payment. Idempotent by `payment_id`."""

    order_id: str
    payment_id: str
    user_id: str


class OrderOutcome(Message, frozen=True, rename="camel"):
    """The order that a payment asked for, or why it cannot have it."""

    kind: Literal["ready", "already_owned", "withdrawn", "price_changed", "refused"]
    total: int = 0
    """Points; with `lines`, set when ready and when the price changed."""
    lines: list[OrderLine] = []
    product_ids: list[str] = []
    """Set for `already_owned` and `withdrawn`: the products that are."""
    code: str = ""
    """With `message`, the GraphQL error for the client when refused."""
    message: str = ""


class DetachRequest(Message, frozen=True, rename="camel"):
    """Detaches an order from a payment that will not be paid: it is READY again or, with `cancel`, CANCELLED.

    Idempotent. With `cancel`, an order that does not exist (its placing may still be in progress) can never be placed
    later. The payment can never have an order again.
    """

    order_id: str
    payment_id: str
    user_id: str
    cancel: bool


class Detached(Message, frozen=True, rename="camel"):
    """The order is not attached to that payment."""


PLACE_CHECKOUT_ORDERS = Command(
    subgraph="order",
    kind="mutation",
    field="placeCheckoutOrders",
    request=PlaceRequest,
    outcome=OrderOutcome,
    description="Places orders for checkouts at today's prices, attached to their payments.",
)
ATTACH_ORDERS = Command(
    subgraph="order",
    kind="mutation",
    field="attachOrders",
    request=AttachRequest,
    outcome=OrderOutcome,
    description="Attaches READY orders to payments.",
)
DETACH_ORDERS = Command(
    subgraph="order",
    kind="mutation",
    field="detachOrders",
    request=DetachRequest,
    outcome=Detached,
    description="Detaches orders from payments that will not be paid.",
)
