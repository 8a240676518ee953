"""The words of a text as the search index keeps them. Titles and what people type are taken apart alike.

Case, accents and marks such as ® are folded. A title also has words by which it might be looked for: "dont" and "don"
of "Don't", "spiderman" of "Spider-Man", "3" of "III", "and" of "&". Scripts without spaces cannot be cut into words:
each pair of neighbouring characters is one, in titles each single character too.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

MAX_WORD = 40
"""The characters of a word that count."""

APOSTROPHES = "'’‘ʼ`´"
_ROMAN = ("ii iii iv v vi vii viii ix x", "xi xii xiii xiv xv xvi xvii xviii xix xx")
ROMAN = {roman: str(number) for number, roman in enumerate(" ".join(_ROMAN).split(), start=2)}
SYNONYMS = ROMAN | {number: roman for roman, number in ROMAN.items()} | {"&": "and"}

_WORD = re.compile("_*[a-z0-9][a-z0-9_]*")
_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHES))
# Letters that Unicode does not take apart into a letter and a mark.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
# Thai, Lao, Myanmar, Khmer, Hangul, kana, Bopomofo, and Han.
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u318f\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
# Combining classes of marks that are a part of their letter, such as those that voice kana.
_PART_OF_LETTER = frozenset({0, 7, 8, 9, 84, 91, 103, 107, 118, 122})


def words_of(text: str) -> list[str]:
    """The words of a description or of a search text, in their order."""
    return [word for chunk in _chunks(text.translate(_APOSTROPHES)) for word in _parts(chunk)]


def title_words(title: str) -> set[str]:
    """All words by which a title is found."""
    found = set(words_of(title))
    for chunk in title.split():
        plain = chunk.translate(_APOSTROPHES)
        found.update(word for part in _chunks(plain) for word in _variants(part))
        if plain != chunk:
            found.update(words_of(" ".join(re.split(f"[{APOSTROPHES}]", chunk))))
    found.update([SYNONYMS[word] for word in (*found, *title.split()) if word in SYNONYMS])
    return found


def index_rows(product_id: int, title: str, description: str) -> list[tuple[int, str, int]]:
    """A product's rows of the index: its id, a word, and 1 if the title has it, 0 if only the description has.

    In the same order in every process, so that a load can tell that nothing has changed.
    """
    words = dict.fromkeys(words_of(description), 0) | dict.fromkeys(sorted(title_words(title)), 1)
    return [(product_id, word, in_title) for word, in_title in words.items()]


def _chunks(text: str) -> Iterable[str]:
    """A text folded, in pieces without spaces; what is ASCII may be in one piece."""
    if text.isascii():
        return (text.lower(),)
    return [piece for chunk in text.split() for piece in _folded(chunk).split()]


@lru_cache(16384)
def _folded(text: str) -> str:
    """A text without case, accents and symbols such as ®, and with compatible characters as one."""
    if text.isascii():
        return text.lower()
    text = "".join(" " if unicodedata.category(char) == "So" else char for char in text)
    apart = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return unicodedata.normalize("NFC", "".join(filter(_stays, apart)))


def _stays(char: str) -> bool:
    return unicodedata.combining(char) in _PART_OF_LETTER


def _parts(chunk: str) -> list[str]:
    """The words of a folded chunk: "spider-man" has two."""
    if chunk.isascii():
        return [word[:MAX_WORD] for word in _WORD.findall(chunk)]
    return [word[:MAX_WORD] for run in _runs(chunk) for word in _cut(run)]


def _runs(chunk: str) -> Iterator[str]:
    """The runs of letters (L), marks (M), numbers (N) and underscores that have a letter or a number."""
    spaced = "".join(char if char == "_" or unicodedata.category(char)[0] in "LMN" else " " for char in chunk)
    return (run for run in spaced.split() if any(unicodedata.category(char)[0] in "LN" for char in run))


def _cut(run: str) -> Iterator[str]:
    """A run as words: what is in a script without spaces as pairs of characters."""
    position = 0
    for found in _SPACELESS.finditer(run):
        if found.start() > position:
            yield run[position : found.start()]
        text = found.group()
        yield from (text[i : i + 2] for i in range(max(1, len(text) - 1)))
        position = found.end()
    if position < len(run):
        yield run[position:]


def _variants(chunk: str) -> Iterator[str]:
    """Other words for a chunk of a title: its parts as one word, its single characters in a script without spaces."""
    parts = _parts(chunk)
    spaceless = "".join(_SPACELESS.findall(chunk))
    yield from spaceless
    if len(parts) > 1 and not spaceless:
        yield "".join(parts)[:MAX_WORD]
