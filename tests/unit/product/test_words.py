"""The words by which titles are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.product.search.words import MAX_WORD, index_rows, title_words, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Brass Lighthouse", ["the", "brass", "lighthouse"]),
        ("DIM SOULS™ III", ["dim", "souls", "iii"]),
        ("Ragnarök Übermensch Łódź ÆON", ["ragnarok", "ubermensch", "lodz", "aeon"]),
        ("Größe GROSSE", ["grosse", "grosse"]),
        ("Don't, don’t", ["dont", "dont"]),
        ("Spider-Guy: Ｗｉｄｅ ﬁn", ["spider", "guy", "wide", "fin"]),
        ("final_x __ 100%", ["final_x", "100"]),
        ("Паровой Θρύλος", ["паровои", "θρυλοσ"]),
        ("ゼルナの伝説 VII", ["ゼル", "ルナ", "ナの", "の伝", "伝説", "vii"]),
        ("한국어", ["한국", "국어"]),
        ("国", ["国"]),
        ("🎮!?", []),
    ],
)
def test_words_are_folded_and_scripts_without_spaces_give_pairs(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Don't Hunger", "don t dont"),
        ("Sam Mayer’s Culture® VI", "mayer mayers 6 vi"),
        ("Spider-Guy", "spiderguy"),
        ("S.C.A.R.E.", "scare"),
        ("NeuR:Automaton™", "neurautomaton"),
        ("Mount & Sword", "and"),
        ("Gateway 2", "ii"),
        ("三国志", "三 国 志 三国 国志"),
    ],
)
def test_a_title_is_found_by_other_spellings_too(title: str, typed: str) -> None:
    assert title_words(title) >= {*words_of(title), *typed.split()}


@given(st.text(max_size=60))
def test_what_is_typed_as_the_title_stands_finds_it(title: str) -> None:
    assert set(words_of(title)) <= title_words(title)
    assert all(0 < len(word) <= MAX_WORD for word in title_words(title))


def test_a_word_of_title_and_description_counts_for_the_title() -> None:
    assert sorted(index_rows(7, "Brass", "A brass game")) == [(7, "a", 0), (7, "brass", 1), (7, "game", 0)]
