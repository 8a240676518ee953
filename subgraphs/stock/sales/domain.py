"""Flash sales: their state, and what may be planned."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from math import ceil

from subgraphs.kit.input_check import InputCheck
from subgraphs.stock.limited.domain import checked_units

MAX_INT = 2**31 - 1
"""The largest Int of GraphQL. So many seconds are 68 years."""


class FlashSaleState(Enum):
    """Where a sale stands. It follows from the time and the units left; no timer moves it."""

    SCHEDULED = "SCHEDULED"
    OPEN = "OPEN"
    SOLD_OUT = "SOLD_OUT"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Sale:
    """A flash sale as it stood at `as_of`, by the database's clock.

    It is open from `starts_at` until before `ends_at`; `points` is the price of a unit.
    """

    id: str
    product_id: str
    points: int
    units: int
    remaining: int
    starts_at: datetime
    ends_at: datetime
    cancelled_at: datetime | None
    as_of: datetime

    @property
    def state(self) -> FlashSaleState:
        if self.cancelled_at is not None:
            return FlashSaleState.CANCELLED
        if self.as_of < self.starts_at:
            return FlashSaleState.SCHEDULED
        if self.as_of >= self.ends_at:
            return FlashSaleState.ENDED
        return FlashSaleState.OPEN if self.remaining else FlashSaleState.SOLD_OUT

    @property
    def is_active(self) -> bool:
        """Whether it can be claimed from, as long as there are units."""
        return self.state in (FlashSaleState.OPEN, FlashSaleState.SOLD_OUT)

    def seconds_until(self, instant: datetime) -> int:
        """The seconds from `as_of` to an instant, rounded up: 0 once it has passed, `MAX_INT` at most."""
        return max(0, min(ceil((instant - self.as_of).total_seconds()), MAX_INT))


@dataclass(frozen=True)
class SalePlan:
    """A sale that somebody wants to create."""

    product_id: str
    points: int
    units: int
    starts_at: datetime
    ends_at: datetime

    def validate(self, now: datetime) -> None:
        """Raises BadUserInput for a plan that cannot be a sale from now on."""
        with InputCheck() as check:
            check.require(self.points >= 0, "points", "points must not be negative.")
            check.value(partial(checked_units, minimum=1), self.units)
            times = {"startsAt": self.starts_at, "endsAt": self.ends_at}
            naive = [field for field, instant in times.items() if instant.tzinfo is None]
            for field in naive:
                check.require(False, field, f"{field} needs an offset from UTC, such as Z.")
            if not naive:  # else they cannot be compared
                check.require(self.starts_at < self.ends_at, "endsAt", "endsAt must be later than startsAt.")
                check.require(now < self.ends_at, "endsAt", "endsAt must lie in the future.")
