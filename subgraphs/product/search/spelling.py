"""Corrects the spelling of searches: finds words of titles that are nearly the same.

The words are read when a search first finds nothing, and kept for some minutes. RapidFuzz, which compares them, is
loaded then.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from subgraphs.product.search.text import SearchText

SHORTEST = 4
"""Shorter words are not corrected: too many others are like them."""
ONE_MISTAKE = 4
"""Words up to this length may have one mistake, longer ones two."""
ALTERNATIVES = 50
"""The most words that one word may stand for."""

Words = tuple[str, ...]


class Vocabulary:
    """The words of all titles."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(words)

    def has(self, word: str) -> bool:
        return self._words[self._place(word) :][:1] == [word]

    def begins(self, prefix: str) -> bool:
        """Whether any word begins like this."""
        return any(word.startswith(prefix) for word in self._words[self._place(prefix) :][:1])

    def alternatives(self, search: SearchText) -> list[list[Words]]:
        """What each word of a search may stand for: itself if it is known, or else those that are most like it.

        Where a word stands for nothing, or all are known, two neighbouring words may stand for one. Empty where
        nothing is like the search.
        """
        words = search.words
        found = [self._of(word, is_last=place == len(words) - 1) for place, word in enumerate(words)]
        if all(found) and found != [[(word,)] for word in words]:
            return found
        return next(iter(self._joined(words)), [])

    def _of(self, word: str, is_last: bool) -> list[Words]:
        if self.has(word) or (is_last and self.begins(word)):
            return [(word,)]
        return self._nearest(word) or self._split(word)

    def _nearest(self, word: str) -> list[Words]:
        """The known words with the fewest mistakes: letters too many, missing, wrong, or in the wrong order."""
        from rapidfuzz import process
        from rapidfuzz.distance import DamerauLevenshtein

        if len(word) < SHORTEST:
            return []
        most = 1 if len(word) <= ONE_MISTAKE else 2
        scorer = DamerauLevenshtein.distance
        found = process.extract(word, self._words, scorer=scorer, score_cutoff=most, limit=ALTERNATIVES)
        return [(known,) for known, mistakes, _ in found if mistakes == found[0][1]]

    def _split(self, word: str) -> list[Words]:
        """Two known words that were written as one."""
        pairs = [(word[:place], word[place:]) for place in range(3, len(word) - 2)]
        return [pair for pair in pairs if all(self.has(part) for part in pair)]

    def _joined(self, words: Sequence[str]) -> Iterable[list[list[Words]]]:
        """The words with two neighbours as one known word."""
        for place in range(len(words) - 1):
            joined = words[place] + words[place + 1]
            if self.has(joined):
                yield [[(word,)] for word in (*words[:place], joined, *words[place + 2 :])]

    def _place(self, word: str) -> int:
        return bisect_left(self._words, word)


def best_known(alternatives: Sequence[Sequence[Words]], fame: Mapping[str, int]) -> str:
    """The text of the best known alternatives; `fame` has the reviews of the most reviewed title with a word."""
    chosen = [max(some, key=lambda words: min(fame.get(word, 0) for word in words)) for some in alternatives]
    return " ".join(word for words in chosen for word in words)
