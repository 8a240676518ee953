"""What others ask of stock: prices of claims, units for payments, to close sales, and how a flash sale stands."""

from typing import Literal

from subgraphs.contracts.command import Command, Message


class ClaimOfferRequest(Message, frozen=True, rename="camel"):
    claim_id: str
    user_id: str


class ClaimOffer(Message, frozen=True, rename="camel"):
    """What a claim buys, and its price in points.

    `found` is false for claims of other users; `live` means HELD and in no payment.
    """

    claim_id: str
    found: bool
    live: bool = False
    product_id: str = ""
    points: int = 0


class HoldLine(Message, frozen=True, rename="camel"):
    """One unit of a product: the unit of the claim, if there is one."""

    product_id: str
    claim_id: str | None = None


class HoldRequest(Message, frozen=True, rename="camel"):
    """Units for one payment, all or none. Idempotent by `payment_id`."""

    payment_id: str
    user_id: str
    lines: list[HoldLine]


class ShortLine(Message, frozen=True, rename="camel"):
    """A product with too few units, or whose claim the user cannot buy with (any more)."""

    product_id: str
    requested: int
    available: int


class HoldOutcome(Message, frozen=True, rename="camel"):
    """`released`: the payment was given up, and its units released, before."""

    kind: Literal["held", "out_of_stock", "released"]
    short: list[ShortLine] = []
    holds_units: bool = True
    """With `held`: whether any product or claim of the payment is limited. If not, stock keeps nothing of it."""


class ReleaseRequest(Message, frozen=True, rename="camel"):
    """Gives a payment's units back. A hold that comes later is refused."""

    payment_id: str
    user_id: str


class Released(Message, frozen=True, rename="camel"):
    """The payment holds nothing (any more)."""


class SaleNumbersRequest(Message, frozen=True, rename="camel"):
    sale_id: str


class SaleNumbers(Message, frozen=True, rename="camel"):
    """How a flash sale stands now: its `FlashSaleState`, and how many of its units can be claimed.

    Numbers of a sale that have the same version are equal.
    """

    found: bool
    version: str = ""
    state: str = ""
    remaining: int = 0
    units: int = 0


SALE_NEWS = "steampunk:sale-news"
"""The Redis channel that tells which sale's numbers have changed: each message is a sale's id."""


class CloseSalesRequest(Message, frozen=True, rename="camel"):
    """Keeps new flash sales of a product from being created or, with `closed` false, allows them again. Idempotent."""

    product_id: str
    closed: bool


class CloseSalesOutcome(Message, frozen=True, rename="camel"):
    """`sale_ids` are the sales that are not over: where there are any, nothing was closed."""

    sale_ids: list[str] = []


CLAIM_OFFERS = Command(
    subgraph="stock",
    kind="query",
    field="claimOffers",
    request=ClaimOfferRequest,
    outcome=ClaimOffer,
    description="Returns the products and prices of claims.",
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
    description="Gives back what payments hold.",
)
SALE_NUMBERS = Command(
    subgraph="stock",
    kind="query",
    field="saleNumbers",
    request=SaleNumbersRequest,
    outcome=SaleNumbers,
    description="Returns how flash sales stand.",
)
CLOSE_SALES = Command(
    subgraph="stock",
    kind="mutation",
    field="closeSales",
    request=CloseSalesRequest,
    outcome=CloseSalesOutcome,
    description="Keeps new flash sales of products from being created, or allows them again.",
)
