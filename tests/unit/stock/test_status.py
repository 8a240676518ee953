"""How a sale stands, for pages that show it live."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.stock.claims.cached_sale import CachedSale
from subgraphs.stock.claims.clock import TimeBounds
from subgraphs.stock.sales.domain import FlashSaleState
from subgraphs.stock.status.domain import LONGEST_POLL_SECONDS, SaleStatus
from tests.unit.stock.values import a_sale, at

STATUSES = st.builds(
    SaleStatus,
    state=st.sampled_from(FlashSaleState),
    remaining=st.integers(0, 3),
    units=st.just(3),
    opens_in=st.integers(0, 100),
)


@given(STATUSES, STATUSES)
def test_versions_are_equal_where_a_page_shows_the_same(one: SaleStatus, other: SaleStatus) -> None:
    assert (one.version == other.version) == (replace(one, opens_in=0) == replace(other, opens_in=0))


@given(STATUSES)
def test_a_page_is_told_when_to_ask_again_until_the_sale_is_over(status: SaleStatus) -> None:
    wait = status.poll_after(2)
    assert (wait is None) == status.is_over
    assert wait is None or 1 <= wait <= LONGEST_POLL_SECONDS


@pytest.mark.parametrize(("opens_in", "wait"), [(0, 1), (7, 7), (3600, LONGEST_POLL_SECONDS)])
def test_a_page_asks_again_when_the_sale_opens_or_sooner(opens_in: int, wait: int) -> None:
    assert SaleStatus(FlashSaleState.SCHEDULED, 3, 3, opens_in).poll_after(2) == wait


@pytest.mark.parametrize(
    ("earliest", "state"),
    [(-61, "SCHEDULED"), (-59, "OPEN"), (59, "OPEN"), (61, "ENDED")],
)
def test_a_cached_sale_is_shown_with_the_units_that_nobody_has(earliest: float, state: str) -> None:
    sale = CachedSale(a_sale(units=5), taken=2, entries={}).sale_at(TimeBounds(at(earliest), at(earliest + 1)))
    status = SaleStatus.of(sale)
    assert (status.state.value, status.remaining, status.units) == (state, 3, 5)


def test_a_sale_of_which_all_units_have_an_owner_is_sold_out() -> None:
    sale = CachedSale(a_sale(units=2), taken=2, entries={}).sale_at(TimeBounds(at(0), at(0)))
    assert SaleStatus.of(sale).version == "SOLD_OUT-0"
