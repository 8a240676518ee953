from typing import Any

from tests.docs.expected import answers, filled, prints


def test_dots_stand_for_anything_within_an_output() -> None:
    assert prints("Ready after ... s.\n...\nDone", "Ready after 3.4 s.\none\ntwo\nDone\n")
    assert not prints("Ready after ... s.", "Ready after 3.4 s.\nand more")
    assert not prints("Ready", "Steady")


def test_an_answer_has_exactly_the_fields_that_are_shown() -> None:
    assert answers({"data": {"id": "..."}}, {"data": {"id": 7}}, {})
    assert not answers({"data": {"id": "..."}}, {"data": {"id": 7, "more": 1}}, {})
    assert not answers({"data": [1]}, {"data": [1, 2]}, {})
    assert answers({"data": [1, "..."]}, {"data": [1, 2]}, {})
    assert not answers({"data": [1, "..."]}, {"data": []}, {})


def test_a_placeholder_is_the_same_value_everywhere() -> None:
    known: dict[str, Any] = {}
    assert answers({"id": "<gameId>"}, {"id": "10"}, known)
    assert answers({"id": "<gameId>"}, {"id": "10"}, known)
    assert not answers({"id": "<gameId>"}, {"id": "11"}, known)
    assert not answers({"id": "<other>"}, {"id": None}, known)
    assert filled({"ids": ["<gameId>"], "text": "game <gameId>"}, known) == {"ids": ["10"], "text": "game 10"}
