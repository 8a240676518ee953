"""Which characters a text may have."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.text import UNSEEN, seen


@given(st.text())
def test_a_text_without_control_format_and_surrogate_characters_is_taken_as_it_is(text: str) -> None:
    if not {unicodedata.category(character) for character in text} & UNSEEN:
        assert seen("field", text) == text
        return
    with pytest.raises(BadUserInput) as refused:
        seen("field", text)
    assert refused.value.details["field"] == "field"


def test_what_is_allowed_is_taken() -> None:
    assert seen("field", "a\nb", allowed="\n") == "a\nb"
    with pytest.raises(BadUserInput, match=r"U\+0000"):
        seen("field", "a\nb\0", allowed="\n")
