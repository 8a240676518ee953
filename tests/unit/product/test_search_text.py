"""What becomes of a text that a client typed into the search."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.text import UNSEEN
from subgraphs.product.search_text import MAX_SEARCH, SearchText, Terms

texts = st.text(st.characters(exclude_categories=UNSEEN), max_size=MAX_SEARCH) | st.text(
    'aé1_-\'" "*+%国の다', max_size=30
)
ignored = st.frozensets(st.sampled_from(("a", "é", "1", "_")))


def terms(text: str, *ignored_words: str) -> Terms:
    parsed = SearchText.parse(text)
    assert parsed is not None
    return parsed.terms(lambda word: word not in ignored_words)


@given(texts)
def test_no_search_operator_is_left_in_a_word(text: str) -> None:
    parsed = SearchText.parse(text)

    for word in parsed.words if parsed else ():
        assert all(char == "_" or unicodedata.category(char)[0] in "LMN" for char in word)
        assert any(unicodedata.category(char)[0] in "LN" for char in word)
        assert word in text


@given(texts)
def test_every_word_is_kept_once_in_order(text: str) -> None:
    parsed = SearchText.parse(text)

    if parsed is None:
        assert text.split() == []
        return
    assert len(set(parsed.words)) == len(parsed.words)
    letters = "".join(char for char in text if unicodedata.category(char)[0] in "LN")
    assert set("".join(parsed.words)) >= set(letters)
    assert SearchText.parse(parsed.text) == parsed


@given(texts, ignored)
def test_every_search_has_a_condition_and_none_for_ignored_words_beside_others(
    text: str, ignored_words: frozenset[str]
) -> None:
    parsed = SearchText.parse(text)
    if parsed is None:
        return

    found = parsed.terms(lambda word: word not in ignored_words)

    assert found.indexed or found.in_title
    assert not ignored_words & set(found.indexed)
    looked_for = set(found.indexed) | set(found.in_title)
    assert looked_for >= set(parsed.words) - ignored_words
    if set(parsed.words) - ignored_words:
        assert looked_for <= set(parsed.words) - ignored_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("star gar", Terms(indexed=("star", "gar"), in_title=(), ends_with_prefix=True)),
        ("gar of", Terms(indexed=("gar",), in_title=(), ends_with_prefix=False)),
        ("of", Terms(indexed=(), in_title=("of",), ends_with_prefix=False)),
        ("三国 star", Terms(indexed=("star",), in_title=("三国",), ends_with_prefix=True)),
        ("star 三国", Terms(indexed=("star",), in_title=("三国",), ends_with_prefix=False)),
        ("of 三国", Terms(indexed=(), in_title=("三国",), ends_with_prefix=False)),
        ("%", Terms(indexed=(), in_title=("%",), ends_with_prefix=False)),
    ],
)
def test_where_each_part_is_looked_for(text: str, expected: Terms) -> None:
    assert terms(text, "of") == expected


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
