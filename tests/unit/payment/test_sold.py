"""Periods and pages of days."""

from datetime import date, timedelta

import pytest

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.graphql.paging import PageRequest
from subgraphs.payment.sold.domain import MAX_DAYS, Period, Sold, SoldInPeriod, SoldOnDay
from subgraphs.payment.sold.service import page_of_days

DAY = date(2026, 2, 27)
DAYS = [SoldOnDay(DAY + timedelta(days=i), Sold(i + 1, 10, i, 5)) for i in range(5)]


def test_a_period_has_a_day_at_least_and_a_year_at_most() -> None:
    Period(DAY, DAY)
    Period(DAY, DAY + timedelta(days=MAX_DAYS - 1))
    for last in (DAY - timedelta(days=1), DAY + timedelta(days=MAX_DAYS)):
        with pytest.raises(BadUserInput):
            Period(DAY, last)


def test_a_period_ends_today_and_has_thirty_days_unless_it_is_said() -> None:
    assert Period.of(None, None, DAY) == Period(date(2026, 1, 29), DAY)
    assert Period.of(None, date(2026, 1, 30), DAY) == Period(date(2026, 1, 1), date(2026, 1, 30))
    assert Period.of(DAY, None, DAY) == Period(DAY, DAY)


def test_the_total_is_the_sum_of_the_days() -> None:
    period = Period(DAY, DAY)
    assert SoldInPeriod(period, DAYS).total == Sold(units=15, points=50, refunded_units=10, refunded_points=25)
    assert SoldInPeriod(period, []).total == Sold(0, 0, 0, 0)


@pytest.mark.parametrize("size", [1, 2, 5, 7])
def test_pages_have_each_day_once(size: int) -> None:
    found: list[SoldOnDay] = []
    after = None
    while True:
        page = page_of_days(DAYS, PageRequest(size, after))
        found += page.rows
        assert page.has_previous is (after is not None)
        if not page.has_next:
            break
        after = page.cursors[-1]
    assert found == DAYS


def test_a_made_up_cursor_is_refused() -> None:
    with pytest.raises(BadUserInput):
        page_of_days(DAYS, PageRequest(2, "none"))
