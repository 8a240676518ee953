"""Limited stocks: units move, and none appears or vanishes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.errors import BadUserInput, InvalidState
from subgraphs.stock.limited.domain import MAX_UNITS, Place, ProductState, StockMovements, Units, checked_units

PLACES: st.SearchStrategy[Place] = st.sampled_from(["remaining", "held", "sold"])
COUNTS = st.integers(0, 1000)


@given(st.lists(st.tuples(st.sampled_from("abc"), PLACES, PLACES)))
def test_movements_of_an_owner_sum_to_zero(moves: list[tuple[str, Place, Place]]) -> None:
    movements = StockMovements()
    for owner, source, target in moves:
        movements.move(owner, source, target)
    assert set(movements.changes) == {owner for owner, _, _ in moves}
    for changes in movements.changes.values():
        assert sum(changes.values()) == 0


@given(st.lists(st.tuples(PLACES, PLACES)))
def test_movements_add_up_to_where_the_units_end(moves: list[tuple[Place, Place]]) -> None:
    movements = StockMovements()
    for source, target in moves:
        movements.move("owner", source, target)
    for place in ("remaining", "held", "sold"):
        gained = sum(target == place for _, target in moves) - sum(source == place for source, _ in moves)
        assert movements.changes.get("owner", {}).get(place, 0) == gained


def test_units_that_move_there_and_back_need_no_update() -> None:
    movements = StockMovements()
    assert not movements
    movements.move("owner", "remaining", "held")
    assert movements
    movements.move("owner", "held", "remaining")
    assert not movements


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_a_resized_stock_keeps_what_is_held_and_sold(remaining: int, held: int, sold: int, free: int) -> None:
    stock = Units(total=remaining + held + sold, remaining=remaining, held=held, sold=sold)
    resized = stock.resized(free + held + sold)
    assert resized == Units(total=free + held + sold, remaining=free, held=held, sold=sold)


def test_a_stock_cannot_have_fewer_units_than_are_held_and_sold() -> None:
    with pytest.raises(InvalidState, match="3 units"):
        Units(total=5, remaining=2, held=1, sold=2).resized(2)


def test_units_are_checked_against_their_range() -> None:
    for minimum, units in ((0, 0), (1, 1), (0, MAX_UNITS)):
        checked_units(units, minimum)
    for minimum, units in ((0, -1), (1, 0), (0, MAX_UNITS + 1)):
        with pytest.raises(BadUserInput):
            checked_units(units, minimum)


def test_a_product_state_tells_discount_and_limit_apart() -> None:
    states = [ProductState.of(discounted, limited) for discounted in (False, True) for limited in (False, True)]
    assert [state.value for state in states] == ["REGULAR", "LIMITED_STOCK", "ON_SALE", "ON_SALE_LIMITED_STOCK"]
