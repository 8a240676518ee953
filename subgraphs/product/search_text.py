"""What a client typed into the search, taken apart.

Every word must occur in a product's title or description; the last one may be the beginning of a word, so
that results appear while the client types. Scripts without spaces cannot be cut into words: their text is
looked for inside titles.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.text import seen

MAX_SEARCH = 200
# Han, Hiragana, Katakana, Hangul, Thai, Lao, Khmer, Myanmar and Bopomofo, as Unicode names their characters.
SPACELESS = ("CJK ", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR", "BOPOMOFO")
FIRST_SPACELESS = "\u0e01"


@dataclass(frozen=True)
class Terms:
    """Where the parts of a search text must occur."""

    indexed: tuple[str, ...]
    """Words to look up in the full-text index of titles and descriptions."""
    in_title: tuple[str, ...]
    """Texts to look for anywhere in the title."""
    ends_with_prefix: bool
    """Whether the last indexed word may be the beginning of a word."""


@dataclass(frozen=True)
class SearchText:
    """A search text of at most 200 characters, with single spaces, and its words, each once."""

    text: str
    words: tuple[str, ...]
    """Letters, marks, digits and underscores only: no search operator of any engine is left in them."""

    @classmethod
    def parse(cls, text: str | None) -> "SearchText | None":
        """None when there is nothing to search for. Raises BadUserInput if it is too long or has unseen characters."""
        text = seen("search", " ".join((text or "").split()))
        if len(text) > MAX_SEARCH:
            raise BadUserInput("search", f"A search text has at most {MAX_SEARCH} characters.")
        return cls(text, tuple(dict.fromkeys(_words(text)))) if text else None

    def terms(self, is_indexed: Callable[[str], bool]) -> Terms:
        """Where to look for each word; `is_indexed` tells whether the engine's index takes a word.

        A word that the index ignores is no condition, unless there is no other word: then it must occur in the
        title. A text without any word, such as "%", is looked for as it is.
        """
        spaceless = tuple(word for word in self.words if _is_spaceless(word))
        spaced = tuple(word for word in self.words if not _is_spaceless(word))
        indexed = tuple(word for word in spaced if is_indexed(word))
        in_title = spaceless if indexed or spaceless else spaced or (self.text,)
        return Terms(indexed, in_title, ends_with_prefix=indexed[-1:] == self.words[-1:] != ())


def _words(text: str) -> list[str]:
    """The runs of letters (L), marks (M), numbers (N) and underscores: what both engines take for words."""
    spaced = "".join(char if unicodedata.category(char)[0] in "LMN" or char == "_" else " " for char in text)
    return [word for word in spaced.split() if any(unicodedata.category(char)[0] in "LN" for char in word)]


def _is_spaceless(word: str) -> bool:
    return any(unicodedata.name(char, "").startswith(SPACELESS) for char in word if char >= FIRST_SPACELESS)
