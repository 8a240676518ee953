"""Top-ups: what the provider's reports make of them, what they cost, and when it is asked again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.payment.settings import PaymentSettings
from subgraphs.payment.top_ups.domain import LONGEST_PAUSE, Report, Status, TopUp, TopUpState, after_report, pause
from subgraphs.payment.wallets.domain import MAX_BALANCE

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TOP_UP = TopUp("1", "ada", "k", 1000, 900, "eur", TopUpState.OPEN, "cs_1", "https://pay.example", None, NOW, None)
PAID = Report(Status.PAID, 900, "eur", "pi_1")
REPORTS = st.sampled_from([PAID, *[replace(PAID, status=status) for status in Status], replace(PAID, price=1)])


@given(st.lists(REPORTS, max_size=12))
def test_reports_in_any_number_and_order_credit_a_top_up_once_at_most(reports: list[Report]) -> None:
    top_up, credits = TOP_UP, 0
    for report in reports:
        after = after_report(top_up, report, balance=0, now=NOW)
        credits += after.credited_at is not None and top_up.credited_at is None
        assert top_up.credited_at is None or after == top_up
        top_up = after
    assert credits == (PAID in reports)
    assert (top_up.state is TopUpState.PAID) == (PAID in reports)


@pytest.mark.parametrize("state", [TopUpState.PAID, TopUpState.REFUNDING, TopUpState.REFUNDED])
@given(report=REPORTS)
def test_a_top_up_that_was_paid_stays_as_it_is(state: TopUpState, report: Report) -> None:
    top_up = replace(TOP_UP, state=state, credited_at=NOW)
    assert after_report(top_up, report, 0, NOW) == top_up


@pytest.mark.parametrize(
    ("room", "state"), [(999, TopUpState.REFUNDING), (1000, TopUpState.PAID), (0, TopUpState.REFUNDING)]
)
def test_without_room_in_the_wallet_the_money_goes_back(room: int, state: TopUpState) -> None:
    after = after_report(TOP_UP, PAID, MAX_BALANCE - room, NOW)
    assert (after.state, after.payment) == (state, "pi_1")
    assert (after.credited_at is None) == (state is TopUpState.REFUNDING)


@pytest.mark.parametrize(
    ("price", "points", "cents"), [(1, 500, 500), (0.9, 1000, 900), (0.9, 1001, 901), (0.1, 30, 3), (0.29, 100, 29)]
)
def test_a_price_is_rounded_up_to_the_smallest_unit(price: float, points: int, cents: int) -> None:
    assert PaymentSettings(point_price=price).price_of(points) == cents


def test_pauses_grow_up_to_an_hour() -> None:
    first = timedelta(seconds=60)
    assert [pause(asked, first) for asked in (0, 1, 2)] == [first, 2 * first, 4 * first]
    assert pause(1000, first) == LONGEST_PAUSE
