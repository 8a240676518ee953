"""What a client typed into the search, taken apart.

Every word must occur in a product's title or description; the last one may be the beginning of a word, so that results
appear while the client types.
"""

from dataclasses import dataclass

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.text import seen
from subgraphs.product.search.words import words_of

MAX_SEARCH = 200
MAX_WORDS = 20
"""The words of a search text that count."""


@dataclass(frozen=True)
class SearchText:
    """A search text of at most 200 characters, with single spaces, and its words, each once."""

    text: str
    words: tuple[str, ...]
    """Empty for a text like "%", which is looked for in titles as it is."""

    @classmethod
    def parse(cls, text: str | None) -> "SearchText | None":
        """None when there is nothing to search for. Raises BadUserInput if it is too long or has unseen characters."""
        text = seen("search", " ".join((text or "").split()))
        if len(text) > MAX_SEARCH:
            raise BadUserInput("search", f"A search text has at most {MAX_SEARCH} characters.")
        return cls(text, _words(text)) if text else None


def _words(text: str) -> tuple[str, ...]:
    """The words, each once. The last one stays last: it may be the beginning of a longer one."""
    words = words_of(text)[:MAX_WORDS]
    return tuple(dict.fromkeys([word for word in words[:-1] if word != words[-1]] + words[-1:]))
