"""What was sold of a product in a period, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from subgraphs.kit.errors import BadUserInput

MAX_DAYS = 366
"""The most days of a period."""
USUAL_DAYS = 30
"""The days of a period without a first one."""


@dataclass(frozen=True)
class Period:
    """Days in UTC, the last one included. Raises BadUserInput for none, or for more than MAX_DAYS."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BadUserInput("to", "to must not be before from.")
        if (self.last - self.first).days >= MAX_DAYS:
            raise BadUserInput("to", f"A period has at most {MAX_DAYS} days.")

    @classmethod
    def of(cls, first: date | None, last: date | None, today: date) -> "Period":
        """The period from one day to another: by default until today, and USUAL_DAYS long."""
        last = last or today
        return cls(first or last - timedelta(days=USUAL_DAYS - 1), last)


@dataclass(frozen=True)
class Sold:
    """What was sold at some time, and what of it was refunded since, whenever that was. Points."""

    units: int
    points: int
    refunded_units: int
    refunded_points: int


@dataclass(frozen=True)
class SoldOnDay:
    """What was sold on a day in UTC."""

    day: date
    sold: Sold


@dataclass(frozen=True)
class SoldInPeriod:
    """The days of a period on which anything was sold, in order."""

    period: Period
    days: Sequence[SoldOnDay]

    @property
    def total(self) -> Sold:
        sold = [one.sold for one in self.days]
        return Sold(
            units=sum(one.units for one in sold),
            points=sum(one.points for one in sold),
            refunded_units=sum(one.refunded_units for one in sold),
            refunded_points=sum(one.refunded_points for one in sold),
        )
