"""What counts as a difference of two answers."""

from typing import Any

import pytest

from tests.federation.answers import answer_of, difference

GAME = {"claim": {"sale": {"product": {"title": "Gear", "sold": None}}}}
SOLD = ("claim", "sale", "product", "sold")


def refused(*path: str, code: str = "FORBIDDEN") -> dict[str, Any]:
    return {"path": list(path), "extensions": {"code": code}}


def test_equal_answers_do_not_differ() -> None:
    assert difference(answer_of(GAME, [refused(*SOLD)]), answer_of(GAME, [refused(*SOLD)])) == ""


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        pytest.param(GAME, [], id="a null that is no error"),
        pytest.param(GAME, [refused(*SOLD, code="NOT_FOUND")], id="another code"),
        pytest.param(GAME, [refused(*SOLD), refused()], id="an error more, without a path"),
        pytest.param({"claim": None}, [refused(*SOLD)], id="a null that has gone higher"),
        pytest.param({"claim": {"sale": {"product": {"title": "Gear", "sold": 1}}}}, [], id="a value instead"),
    ],
)
def test_answers_differ(data: Any, errors: list[dict[str, Any]]) -> None:
    assert difference(answer_of(GAME, [refused(*SOLD)]), answer_of(data, errors))


def test_an_error_of_what_another_member_was_asked_for_is_no_difference() -> None:
    data = {"claim": {"sale": {"product": {"title": "Gear"}}}}
    assert difference(answer_of(data, []), answer_of(data, [refused(*SOLD)])) == ""


def test_clocks_differ_only_by_whether_they_tell_the_time() -> None:
    asked_now, asked_later, never = [answer_of({"pollAfter_3": value}, []) for value in (2, 1, None)]
    assert difference(asked_now, asked_later) == ""
    assert difference(asked_now, never)
