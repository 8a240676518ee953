"""The SQL of full-text search: FTS5 on SQLite, FULLTEXT on MySQL and MariaDB."""

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

from subgraphs.kit.database.repository import table_of
from subgraphs.product.models import Product, ProductSearch
from subgraphs.product.search_text import SearchText

# One word in the title outweighs any rank that the index gives.
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

_PRODUCTS = table_of(Product).c
_FTS5 = table("product_search", column("rowid", Integer))
_FTS5_INDEX: ColumnElement[Any] = literal_column("product_search")
Query = Select[*tuple[Any, ...]]


class FullTextSearch:
    """One search on one engine."""

    def __init__(self, text: SearchText, on_mysql: bool) -> None:
        self._text = text
        self._on_mysql = on_mysql
        self._terms = text.terms(_is_indexed_by_mysql if on_mysql else lambda word: True)

    def apply(self, query: Query, ranked: bool) -> tuple[Query, ColumnElement[int]]:
        """Restricts a query of products to the matches, and gives their score: higher is better.

        The score is 0 unless `ranked`.
        """
        query = query.where(*[_title_has(text) for text in self._terms.in_title])
        rank: ColumnElement[int] = literal(0)
        if self._terms.indexed:
            matches = self._matches(ranked)
            query = query.join(matches, matches.c.product_id == _PRODUCTS.id)
            rank = matches.c.rank
        return query, self._title_score() + rank if ranked else literal(0)

    def _title_score(self) -> ColumnElement[int]:
        """The number of words in the title, and one more if the title is the text itself; weighted."""
        count: ColumnElement[int] = case((_PRODUCTS.title == self._text.text, 1), else_=0)
        for word in self._text.words or self._terms.in_title:
            count = count + case((_title_has(word), 1), else_=0)
        return count * TITLE_WEIGHT

    def _matches(self, ranked: bool) -> CTE:
        query = self._mysql_matches(ranked) if self._on_mysql else self._fts5_matches(ranked)
        # Materialized: else SQLite may run the full-text search once for each product.
        return query.cte("matches").prefix_with("MATERIALIZED", dialect="sqlite")

    def _fts5_matches(self, ranked: bool) -> Query:
        # In quotes, so that FTS5 splits a word where its tokenizer sees a boundary.
        phrases = " AND ".join(f'"{word}"' for word in self._terms.indexed) + self._prefix_mark()
        rank = -type_coerce(func.bm25(_FTS5_INDEX), Float) if ranked else literal(0)
        matching = _FTS5_INDEX.op("MATCH", is_comparison=True)(phrases)
        return select(_FTS5.c.rowid.label("product_id"), _integer(rank)).where(matching)

    def _mysql_matches(self, ranked: bool) -> Query:
        against = " ".join(f"+{word}" for word in self._terms.indexed) + self._prefix_mark()
        columns = table_of(ProductSearch).c
        matching = mysql.match(columns.title, columns.description, against=against).in_boolean_mode()
        rank = type_coerce(matching, Float) if ranked else literal(0)
        return select(columns.product_id, _integer(rank)).where(matching)

    def _prefix_mark(self) -> str:
        return "*" if self._terms.ends_with_prefix else ""


def _integer(rank: ColumnElement[Any]) -> ColumnElement[int]:
    """A rank as a whole number, which a cursor holds exactly."""
    return cast(func.round(rank * RANK_UNIT), BigInteger).label("rank")


def _is_indexed_by_mysql(word: str) -> bool:
    return len(word) in MYSQL_WORD_LENGTHS and word.casefold() not in MYSQL_STOPWORDS


def _title_has(text: str) -> ColumnElement[bool]:
    return _PRODUCTS.title.contains(text, autoescape=True)
