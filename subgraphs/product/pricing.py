"""Prices in points: one US dollar is 1,300 points."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

POINTS_PER_USD = 1300
MAX_DISCOUNT_PERCENT = 90


@dataclass(frozen=True)
class Price:
    """What a product costs."""

    usd: Decimal
    """US dollars, before the discount."""
    regular_points: int
    """Points, before the discount."""
    discount_percent: int
    points: int
    """Points, after the discount: what a buyer pays."""
    discount_ends_at: datetime | None = None
    """When the discount ends by itself; None for one that stays until its seller ends it."""

    @classmethod
    def of(cls, usd: Decimal, discount_percent: int = 0, discount_ends_at: datetime | None = None) -> "Price":
        return cls(
            usd=usd,
            regular_points=regular_points(usd),
            discount_percent=discount_percent,
            points=discounted_points(usd, discount_percent),
            discount_ends_at=discount_ends_at,
        )


def regular_points(usd: Decimal) -> int:
    """A price in points without a discount, rounded half up."""
    return _half_up(usd * POINTS_PER_USD)


def discounted_points(usd: Decimal, discount_percent: int) -> int:
    """A price in points after a discount, rounded half up once, from the exact price."""
    return _half_up(usd * POINTS_PER_USD * (100 - discount_percent) / 100)


def _half_up(points: Decimal) -> int:
    return int(points.quantize(Decimal(1), ROUND_HALF_UP))
