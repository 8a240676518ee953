"""What product tells the others: its offers."""

from subgraphs.contracts.command import Command, Message


class OfferRequest(Message, frozen=True, rename="camel"):
    product_id: str


class Offer(Message, frozen=True, rename="camel"):
    """A product as it is offered now; prices in points."""

    product_id: str
    exists: bool
    publisher_id: str | None = None
    """The user who published it; None for a game of the data set."""
    title: str = ""
    points: int = 0
    regular_points: int = 0
    discount_percent: int = 0


PRODUCT_OFFERS = Command(
    subgraph="product",
    kind="query",
    field="productOffers",
    request=OfferRequest,
    outcome=Offer,
    description="Tells today's price of products, and who published them.",
)
