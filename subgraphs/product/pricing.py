"""Prices in points."""

from decimal import ROUND_HALF_UP, Decimal

POINTS_PER_USD = 1300
MAX_DISCOUNT_PERCENT = 90


def regular_points(usd: Decimal) -> int:
    """What a price in US dollars is in points: 1,300 a dollar, rounded half up."""
    return _half_up(usd * POINTS_PER_USD)


def discounted_points(usd: Decimal, discount_percent: int) -> int:
    """The points to pay with a discount: rounded once, half up, from the exact price."""
    return _half_up(usd * POINTS_PER_USD * (100 - discount_percent) / 100)


def _half_up(points: Decimal) -> int:
    return int(points.quantize(Decimal(1), ROUND_HALF_UP))
