"""What becomes of a text that a client typed into the search."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.text import UNSEEN
from subgraphs.product.search.text import MAX_SEARCH, MAX_WORDS, SearchText

texts = st.text(st.characters(exclude_categories=UNSEEN), max_size=MAX_SEARCH) | st.text(
    'aé1_-\'" "*+%国の다', max_size=30
)


@given(texts)
def test_a_word_has_letters_marks_digits_and_underscores_only(text: str) -> None:
    parsed = SearchText.parse(text)

    for word in parsed.words if parsed else ():
        assert word
        assert all(char == "_" or unicodedata.category(char)[0] in "LMN" for char in word)


@given(texts)
def test_every_word_comes_once_and_the_last_one_last(text: str) -> None:
    parsed = SearchText.parse(text)

    if parsed is None:
        assert text.split() == []
        return
    assert len(set(parsed.words)) == len(parsed.words) <= MAX_WORDS
    assert SearchText.parse(parsed.text) == parsed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("star  gar", ("star", "gar")),
        ("the one and the", ("one", "and", "the")),
        ("Don't PANIC!", ("dont", "panic")),
        ("三国 star", ("三国", "star")),
        ("三国志", ("三国", "国志")),
        ("%", ()),
    ],
)
def test_the_words_of_a_text(text: str, words: tuple[str, ...]) -> None:
    parsed = SearchText.parse(text)
    assert parsed is not None
    assert parsed.words == words


@pytest.mark.parametrize("text", [None, "", " \n\t "])
def test_no_text_is_no_search(text: str | None) -> None:
    assert SearchText.parse(text) is None


@pytest.mark.parametrize(("length", "is_refused"), [(MAX_SEARCH, False), (MAX_SEARCH + 1, True)])
def test_a_text_has_at_most_200_characters(length: int, is_refused: bool) -> None:
    if not is_refused:
        assert SearchText.parse("x" * length)
        return
    with pytest.raises(BadUserInput):
        SearchText.parse("x" * length)
