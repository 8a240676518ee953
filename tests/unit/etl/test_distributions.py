"""The steps of prices."""

from decimal import Decimal

import pytest

from etl.distributions import Distributions, price_range


@pytest.mark.parametrize(
    ("usd", "expected"),
    [
        ("0", "free"),
        ("0.01", "under 5"),
        ("4.99", "under 5"),
        ("5", "from 5"),
        ("59.99", "from 40"),
        ("999", "from 60"),
    ],
)
def test_a_price_belongs_to_one_step(usd: str, expected: str) -> None:
    assert price_range(Decimal(usd)) == expected


def test_charts_are_in_the_order_of_years_and_prices_and_the_most_frequent_genre_comes_first() -> None:
    found = Distributions()
    found.years.update(["2020", "1999"])
    found.prices.update(["from 60", "free"])
    found.genres.update(["Indie", "RPG", "RPG"])
    assert [list(bars) for bars in found.charts().values()] == [["1999", "2020"], ["free", "from 60"], ["RPG", "Indie"]]
