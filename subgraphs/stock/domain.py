"""What the stock subgraph speaks of: limited stocks, sales, claims, and the outcomes of claiming."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Literal


class FlashSaleState(Enum):
    """Where a sale stands. It follows from the time and the units left; no timer moves it."""

    SCHEDULED = "SCHEDULED"
    OPEN = "OPEN"
    SOLD_OUT = "SOLD_OUT"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


class ClaimState(Enum):
    """What became of a claim."""

    HELD = "HELD"
    SOLD = "SOLD"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class Units:
    """How many units there are, and where: total = remaining + held + sold."""

    total: int
    remaining: int
    held: int
    sold: int


@dataclass(frozen=True)
class Sale:
    """A flash sale as it stood at `moment`, by the database's clock."""

    id: str
    product_id: str
    points: int
    units: int
    remaining: int
    starts_at: datetime
    ends_at: datetime
    cancelled_at: datetime | None
    moment: datetime
    has_lapsed: bool = False
    """Whether claims whose time is over may be waiting to be taken back; asked only where it matters."""

    @property
    def state(self) -> FlashSaleState:
        if self.cancelled_at is not None:
            return FlashSaleState.CANCELLED
        if self.moment < self.starts_at:
            return FlashSaleState.SCHEDULED
        if self.moment >= self.ends_at:
            return FlashSaleState.ENDED
        return FlashSaleState.OPEN if self.remaining else FlashSaleState.SOLD_OUT

    @property
    def is_active(self) -> bool:
        """Whether it can be claimed from, as long as there are units."""
        return self.state in (FlashSaleState.OPEN, FlashSaleState.SOLD_OUT)


@dataclass(frozen=True)
class ClaimRow:
    """A claim as it stood at `moment`, by the database's clock."""

    id: str
    sale_id: str
    user_id: str
    stored_state: str
    expires_at: datetime
    created_at: datetime
    payment_id: str | None
    moment: datetime

    @property
    def is_free(self) -> bool:
        """Whether it can be released or taken into a payment."""
        return self.state is ClaimState.HELD and self.payment_id is None

    @property
    def state(self) -> ClaimState:
        """Its time being over ends a claim at once; that its unit is taken back follows."""
        if self.stored_state == "HELD" and self.payment_id is None and self.expires_at <= self.moment:
            return ClaimState.EXPIRED
        return ClaimState(self.stored_state)


@dataclass(frozen=True)
class ClaimView(ClaimRow):
    """A claim with its sale."""

    sale: Sale


@dataclass(frozen=True)
class SoldOut:
    """The sale has no units left."""

    sale: Sale


@dataclass(frozen=True)
class SaleNotActive:
    """The sale has not started, has ended, or was cancelled."""

    sale: Sale


ClaimOutcome = ClaimView | SoldOut | SaleNotActive
Place = Literal["remaining", "held", "sold"]


class StockMovements:
    """Where units move, summed by the id of their limited stock or sale."""

    def __init__(self) -> None:
        self.by_id: dict[str, Counter[str]] = defaultdict(Counter)

    def __bool__(self) -> bool:
        return any(change for counts in self.by_id.values() for change in counts.values())

    def move(self, of: str, source: Place, target: Place, units: int = 1) -> None:
        self.by_id[of][source] -= units
        self.by_id[of][target] += units
