"""What order and payment ask of stock: a claim's price, and units held for a payment."""

from typing import Literal

from subgraphs.contracts.command import Command, Message


class ClaimOfferRequest(Message, frozen=True, rename="camel"):
    claim_id: str
    user_id: str


class ClaimOffer(Message, frozen=True, rename="camel"):
    """A claim as a price: `found` only for the user's own, `live` while it is HELD and in no payment."""

    claim_id: str
    found: bool
    live: bool = False
    sale_id: str = ""
    product_id: str = ""
    points: int = 0


class HoldLine(Message, frozen=True, rename="camel"):
    """One unit of a product; with a claim, the unit that the claim holds."""

    product_id: str
    claim_id: str | None = None


class HoldRequest(Message, frozen=True, rename="camel"):
    """Units for one payment, all or none. Idempotent by `payment_id`."""

    payment_id: str
    user_id: str
    lines: list[HoldLine]


class ShortLine(Message, frozen=True, rename="camel"):
    """A product of which there are too few units, or whose claim has ended."""

    product_id: str
    requested: int
    available: int


class HoldOutcome(Message, frozen=True, rename="camel"):
    """`released`: the payment's hold was released before (the payment had been given up)."""

    kind: Literal["held", "out_of_stock", "released"]
    short: list[ShortLine] = []


class ReleaseRequest(Message, frozen=True, rename="camel"):
    """Gives a payment's units back. A hold that is not there yet is kept from ever coming."""

    payment_id: str
    user_id: str


class Released(Message, frozen=True, rename="camel"):
    """The payment holds nothing (any more)."""


CLAIM_OFFERS = Command(
    subgraph="stock",
    kind="query",
    field="claimOffers",
    request=ClaimOfferRequest,
    outcome=ClaimOffer,
    description="Tells the products and prices of claims.",
)
HOLD_UNITS = Command(
    subgraph="stock",
    kind="mutation",
    field="holdUnits",
    request=HoldRequest,
    outcome=HoldOutcome,
    description="Holds limited units for payments, and takes claims into them.",
)
RELEASE_UNITS = Command(
    subgraph="stock",
    kind="mutation",
    field="releaseUnits",
    request=ReleaseRequest,
    outcome=Released,
    description="Gives back what payments held.",
)
