"""Full-text search: what a client typed, made safe, as SQL for FTS5 (SQLite) or FULLTEXT (MySQL, MariaDB).

Every word must occur in the title or in the description; the last one may be the beginning of a word, so
that a search answers while it is being typed. Titles in scripts without spaces cannot be cut into words:
they are searched for the text itself. The same goes for a text in which the index knows no word at all.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Float,
    Integer,
    Select,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    type_coerce,
)
from sqlalchemy.dialects import mysql

from subgraphs.kit.errors import BadUserInput
from subgraphs.product.models import Product, ProductSearch

MAX_SEARCH = 200
# A word in the title outweighs everything that the index's rank can say of the description.
TITLE_WEIGHT = 10**12
RANK_UNIT = 1000

# InnoDB's defaults: innodb_ft_min_token_size, innodb_ft_max_token_size and the built-in stopwords.
MYSQL_WORD_LENGTHS = range(3, 85)
MYSQL_STOPWORDS = frozenset(
    word
    for line in (
        "a about an are as at be by com de en for from how i in is it la of on or",
        "that the this to und was what when where who will with www",
    )
    for word in line.split()
)
# Han, Hiragana, Katakana, Hangul, Thai, Lao, Khmer, Myanmar and Bopomofo, as Unicode names them.
SPACELESS = ("CJK ", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR", "BOPOMOFO")

_FTS5 = table("product_search", column("rowid", Integer))
_FTS5_INDEX: ColumnElement[Any] = literal_column("product_search")
Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class SearchText:
    """A search text taken apart."""

    text: str
    words: tuple[str, ...]
    """Letters, digits and their marks only: no operator of either engine is left in them."""

    @classmethod
    def parse(cls, text: str | None) -> "SearchText | None":
        """None where nothing is searched for. Raises BadUserInput for a text that is too long."""
        shown = " ".join((text or "").split())
        if len(shown) > MAX_SEARCH:
            raise BadUserInput("search", f"A search text has at most {MAX_SEARCH} characters.")
        return cls(shown, tuple(dict.fromkeys(_words(shown)))) if shown else None


class Search:
    """One search on one engine."""

    def __init__(self, sought: SearchText, on_mysql: bool) -> None:
        self._sought = sought
        self._on_mysql = on_mysql
        spaceless = [word for word in sought.words if _is_spaceless(word)]
        spaced = [word for word in sought.words if not _is_spaceless(word)]
        self._indexed = [word for word in spaced if not on_mysql or _is_indexed_by_mysql(word)]
        # Words that MySQL keeps no index of only count for the order, unless there are no others.
        self._in_title = spaceless if self._indexed or spaceless else spaced or [sought.text]

    def apply(self, query: Rows, ranked: bool) -> tuple[Rows, ColumnElement[int]]:
        """The query (of products) cut down to what matches, and the score: the higher, the better.

        The score is 0 unless `ranked`.
        """
        query = query.where(*[_title_has(text) for text in self._in_title])
        rank: ColumnElement[int] = literal(0)
        if self._indexed:
            matches = self._matches(ranked)
            query = query.join(matches, matches.c.product_id == Product.id)
            rank = matches.c.rank
        return query, self._title_score() + rank if ranked else literal(0)

    def _title_score(self) -> ColumnElement[int]:
        """How many of the words the title has, and one more where it is the very text."""
        signs = [_title_has(word) for word in self._sought.words or self._in_title]
        points: ColumnElement[int] = case((Product.title == self._sought.text, 1), else_=0)
        for sign in signs:
            points = points + case((sign, 1), else_=0)
        return points * TITLE_WEIGHT

    def _matches(self, ranked: bool) -> CTE:
        query = self._mysql_matches(ranked) if self._on_mysql else self._fts5_matches(ranked)
        # Or SQLite may walk all products and run the full-text search once for each of them.
        return query.cte("matches").prefix_with("MATERIALIZED", dialect="sqlite")

    def _fts5_matches(self, ranked: bool) -> Rows:
        # Quoted, so that FTS5 itself cuts at what it takes for no part of a word.
        phrases = " AND ".join(f'"{word}"' for word in self._indexed) + self._prefix_mark()
        rank = -type_coerce(func.bm25(_FTS5_INDEX), Float) if ranked else literal(0)
        matching = _FTS5_INDEX.op("MATCH", is_comparison=True)(phrases)
        return select(_FTS5.c.rowid.label("product_id"), _integer(rank)).where(matching)

    def _mysql_matches(self, ranked: bool) -> Rows:
        against = " ".join(f"+{word}" for word in self._indexed) + self._prefix_mark()
        columns = ProductSearch.__table__.c
        matching = mysql.match(columns.title, columns.description, against=against).in_boolean_mode()
        rank = type_coerce(matching, Float) if ranked else literal(0)
        return select(columns.product_id, _integer(rank)).where(matching)

    def _prefix_mark(self) -> str:
        """The mark of a word's beginning, where the last word is one that the index knows."""
        return "*" if self._indexed[-1] == self._sought.words[-1] else ""


def _integer(rank: ColumnElement[Any]) -> ColumnElement[int]:
    """A rank that a cursor can hold: two readings of one state of the catalogue give the same number."""
    return cast(func.round(rank * RANK_UNIT), BigInteger).label("rank")


def _words(text: str) -> Sequence[str]:
    """The runs of letters (L), marks (M), numbers (N) and underscores, as both engines see words."""
    spaced = "".join(char if unicodedata.category(char)[0] in "LMN" or char == "_" else " " for char in text)
    return [word for word in spaced.split() if any(unicodedata.category(c)[0] in "LN" for c in word)]


def _is_spaceless(word: str) -> bool:
    return any(unicodedata.name(char, "").startswith(SPACELESS) for char in word if ord(char) > 0x0E00)


def _is_indexed_by_mysql(word: str) -> bool:
    return len(word) in MYSQL_WORD_LENGTHS and word.casefold() not in MYSQL_STOPWORDS


def _title_has(text: str) -> ColumnElement[bool]:
    return Product.title.contains(text, autoescape=True)
