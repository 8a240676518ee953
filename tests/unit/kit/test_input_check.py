"""An input that is wrong in several places is refused with all of them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.errors import BadField, BadUserInput, NotFound
from subgraphs.kit.input_check import InputCheck


def half(number: int) -> int:
    if number % 2:
        raise BadUserInput("number", f"{number} is odd.")
    return number // 2


def halves(numbers: Sequence[int]) -> list[int]:
    with InputCheck() as check:
        return [check.value(half, number) for number in numbers]


@given(st.lists(st.integers()))
def test_every_bad_value_is_reported_in_order(numbers: list[int]) -> None:
    odd = [BadField("number", f"{number} is odd.") for number in numbers if number % 2]
    if not odd:
        assert halves(numbers) == [number // 2 for number in numbers]
        return
    with pytest.raises(BadUserInput) as refused:
        halves(numbers)
    assert refused.value.extensions == {
        "code": "BAD_USER_INPUT",
        "field": "number",
        "fields": [{"field": "number", "message": one.message} for one in odd],
    }
    assert refused.value.message == odd[0].message


def mixed(number: int, first: bool, second: bool) -> None:
    with InputCheck() as check:
        check.require(first, "first", "is bad.")
        check.value(half, number)
        with check.part(), InputCheck() as part:
            part.require(second, "second", "is bad.")
            part.require(second, "third", "is bad, too.")


def test_conditions_values_and_parts_are_reported_together() -> None:
    mixed(2, True, True)
    with pytest.raises(BadUserInput) as refused:
        mixed(3, False, False)
    assert [one.field for one in refused.value.fields] == ["first", "number", "second", "third"]


def unknown() -> None:
    with InputCheck() as check:
        check.require(False, "field", "is bad.")
        with check.part():
            raise NotFound("There is no such thing.")


def test_another_error_ends_the_check() -> None:
    with pytest.raises(NotFound):
        unknown()
