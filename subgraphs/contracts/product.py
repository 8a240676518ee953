"""The command of product: what products cost now and are called (for order), and who published them (for stock)."""

from subgraphs.contracts.command import Command, Message


class OfferRequest(Message, frozen=True, rename="camel"):
    product_id: str


class Offer(Message, frozen=True, rename="camel"):
    """What a product costs now, discounted, in points; nothing more is known if it does not exist."""

    product_id: str
    exists: bool
    publisher_id: str | None = None
    """The user who published it; None for a game of the data set."""
    points: int = 0
    discount_percent: int = 0
    title: str | None = None
    withdrawn: bool = False
    """A withdrawn product exists, and cannot be bought."""


PRODUCT_OFFERS = Command(
    subgraph="product",
    kind="query",
    field="productOffers",
    request=OfferRequest,
    outcome=Offer,
    description="Tells what products cost now, what they are called, and who published them.",
)
