"""Prices in points: exact, rounded half up, once."""

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.product.pricing import MAX_DISCOUNT_PERCENT, Price

prices = st.decimals(0, 10_000, places=2)
percents = st.integers(0, MAX_DISCOUNT_PERCENT)


@given(prices, percents)
def test_points_are_the_exact_price_rounded_half_up(usd: Decimal, percent: int) -> None:
    exact = Fraction(usd) * 1300 * (100 - percent) / 100

    price = Price.of(usd, percent)

    assert price.points == floor(exact + Fraction(1, 2))
    assert price.regular_points == Fraction(usd) * 1300
    assert (price.usd, price.discount_percent) == (usd, percent)


@given(prices, percents, percents)
def test_a_larger_discount_never_costs_more(usd: Decimal, one: int, other: int) -> None:
    smaller, larger = sorted((one, other))

    assert Price.of(usd, larger).points <= Price.of(usd, smaller).points <= Price.of(usd).regular_points


@pytest.mark.parametrize(
    ("usd", "percent", "points"),
    [
        ("12.50", 33, 10_888),  # 10,887.5
        ("0.99", 0, 1287),
        ("0.01", 50, 7),  # 6.5
        ("0.01", 90, 1),  # 1.3
        ("0", 90, 0),
    ],
)
def test_halves_are_rounded_up(usd: str, percent: int, points: int) -> None:
    assert Price.of(Decimal(usd), percent).points == points
