"""Flash sales: the state that follows from time and units, and the plans that can be sales."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.errors import BadUserInput
from subgraphs.stock.limited.domain import MAX_UNITS
from subgraphs.stock.sales.domain import FlashSaleState, SalePlan
from tests.unit.stock.values import START, a_sale, at

SECONDS = st.integers(-3, 3)


@pytest.mark.parametrize(
    ("now", "remaining", "expected"),
    [
        (-1, 1, FlashSaleState.SCHEDULED),
        (0, 1, FlashSaleState.OPEN),
        (9, 1, FlashSaleState.OPEN),
        (9, 0, FlashSaleState.SOLD_OUT),
        (10, 1, FlashSaleState.ENDED),
        (10, 0, FlashSaleState.ENDED),
    ],
)
def test_a_sale_is_open_from_its_start_until_before_its_end(
    now: float, remaining: int, expected: FlashSaleState
) -> None:
    sale = a_sale(now=now, starts=0, ends=10, remaining=remaining)
    assert sale.state is expected
    assert replace(sale, cancelled_at=START).state is FlashSaleState.CANCELLED


@given(SECONDS, SECONDS, st.integers(1, 3), st.integers(0, 2), st.booleans())
def test_time_takes_a_sale_forward_only(
    earlier: int, later: int, length: int, remaining: int, is_cancelled: bool
) -> None:
    order = [FlashSaleState.SCHEDULED, FlashSaleState.OPEN, FlashSaleState.SOLD_OUT, FlashSaleState.ENDED]
    sale = a_sale(starts=0, ends=length, remaining=remaining, cancelled_at=START if is_cancelled else None)
    first, last = (replace(sale, as_of=at(now)) for now in sorted((earlier, later)))
    if is_cancelled:
        assert first.state is last.state is FlashSaleState.CANCELLED
    else:
        assert order.index(first.state) <= order.index(last.state)


@given(SECONDS, st.integers(0, 1), st.booleans())
def test_a_sale_is_active_within_its_time_even_when_it_is_sold_out(
    now: int, remaining: int, is_cancelled: bool
) -> None:
    sale = a_sale(now=now, starts=-1, ends=2, remaining=remaining, cancelled_at=START if is_cancelled else None)
    assert sale.is_active == (-1 <= now < 2 and not is_cancelled)


@given(st.floats(-1e6, 1e6))
def test_a_countdown_ends_when_its_instant_comes(seconds: float) -> None:
    sale = a_sale(now=0, starts=seconds, ends=seconds + 1)
    left = sale.seconds_until(sale.starts_at)
    assert (left == 0) == (sale.as_of >= sale.starts_at)
    assert left >= (sale.starts_at - sale.as_of).total_seconds() > left - 1 or left == 0


def plan(**changes: Any) -> SalePlan:
    usual = {"product_id": "1", "points": 10, "units": 5, "starts_at": at(0), "ends_at": at(1)}
    return SalePlan(**{**usual, **changes})


@pytest.mark.parametrize("changes", [{}, {"points": 0}, {"units": 1}, {"units": MAX_UNITS}])
def test_a_plan_within_its_limits_is_good(changes: dict[str, Any]) -> None:
    plan(**changes).validate(at(0))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_at": at(0).replace(tzinfo=None)}, "startsAt"),
        ({"ends_at": at(1).replace(tzinfo=None)}, "endsAt"),
        ({"starts_at": at(2)}, "endsAt"),
        ({"starts_at": at(-2), "ends_at": at(0)}, "endsAt"),
        ({"points": -1}, "points"),
        ({"units": 0}, "units"),
        ({"units": MAX_UNITS + 1}, "units"),
    ],
)
def test_a_plan_beyond_its_limits_names_the_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadUserInput) as refused:
        plan(**changes).validate(at(0))
    assert [one.field for one in refused.value.fields] == [field]


def test_a_plan_names_all_bad_fields_together() -> None:
    with pytest.raises(BadUserInput) as refused:
        plan(points=-1, units=0, starts_at=at(-2), ends_at=at(0)).validate(at(0))
    assert [one.field for one in refused.value.fields] == ["points", "units", "endsAt"]
