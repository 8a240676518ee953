"""What people may have meant by a text that nothing has."""

import pytest

from subgraphs.product.search.spelling import Vocabulary, best_known
from subgraphs.product.search.text import SearchText

FAME = {
    "warlock": 900,
    "warlord": 30,
    "wild": 500,
    "chase": 800,
    "star": 40,
    "dust": 9,
    "stardust": 600,
    "cat": 5,
    "car": 7,
}


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("warlok", "warlock"),
        ("wralock", "warlock"),
        ("walrock", "warlock"),
        ("warlor", None),  # the beginning of a word
        ("warlor chase", "warlord chase"),
        ("wild chace", "wild chase"),
        ("wyld chace", "wild chase"),
        ("star dust", "stardust"),
        ("wildchase", "wild chase"),
        ("caz", None),  # too short: it might be anything
        ("xylophone", None),
        ("wild xylophone", None),
        ("wild chase", None),
    ],
)
def test_the_nearest_words_are_suggested_and_of_these_the_best_known(text: str, suggestion: str | None) -> None:
    search = SearchText.parse(text)
    assert search is not None
    alternatives = Vocabulary(FAME).alternatives(search)
    assert (best_known(alternatives, FAME) or None) == suggestion
