"""The SQL of full-text search: FTS5 on SQLite, FULLTEXT on MySQL and MariaDB."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    ColumnElement,
    Float,
    Integer,
    Select,
    String,
    bindparam,
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
from subgraphs.product.search_text import SearchText, Terms

# One word in the title outweighs any rank that the index gives.
TITLE_WEIGHT = 10**12
RANK_UNIT = 1000
ESCAPE = "/"

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
_AGAINST: BindParameter[str] = bindparam("against", type_=String())
_FTS5 = table("product_search", column("rowid", Integer))
_FTS5_INDEX: ColumnElement[Any] = literal_column("product_search")
Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class SearchShape:
    """What a search looks like without its texts: searches of one shape share a statement."""

    on_mysql: bool
    indexed: bool
    """Whether there are words to look up in the index."""
    in_title: int
    """How many texts the title must have."""
    scored: int
    """How many texts in the title raise the score."""

    def apply(self, query: Query, ranked: bool) -> tuple[Query, ColumnElement[int]]:
        """Restricts a query of products to the matches, and gives their score: higher is better.

        The score is 0 unless `ranked`.
        """
        query = query.where(*[_title_has(f"in_title_{number}") for number in range(self.in_title)])
        rank: ColumnElement[int] = literal(0)
        if self.indexed:
            matches = self._matches(ranked)
            query = query.join(matches, matches.c.product_id == _PRODUCTS.id)
            rank = matches.c.rank
        return query, self._title_score() + rank if ranked else literal(0)

    def _title_score(self) -> ColumnElement[int]:
        """The number of words in the title, and one more if the title is the text itself; weighted."""
        count: ColumnElement[int] = case((_PRODUCTS.title == bindparam("text"), 1), else_=0)
        for number in range(self.scored):
            count = count + case((_title_has(f"scored_{number}"), 1), else_=0)
        return count * TITLE_WEIGHT

    def _matches(self, ranked: bool) -> CTE:
        query = _mysql_matches(ranked) if self.on_mysql else _fts5_matches(ranked)
        # Materialized: else SQLite may run the full-text search once for each product.
        return query.cte("matches").prefix_with("MATERIALIZED", dialect="sqlite")


def shape_of(text: SearchText, on_mysql: bool) -> tuple[SearchShape, dict[str, str]]:
    """A search on an engine: its shape, and the parameters of a statement of that shape."""
    terms = text.terms(_is_indexed_by_mysql if on_mysql else lambda word: True)
    scored = text.words or terms.in_title
    parameters = {"text": text.text, "against": _against_mysql(terms) if on_mysql else _against_fts5(terms)}
    parameters |= {f"in_title_{number}": _anywhere(one) for number, one in enumerate(terms.in_title)}
    parameters |= {f"scored_{number}": _anywhere(one) for number, one in enumerate(scored)}
    return SearchShape(on_mysql, bool(terms.indexed), len(terms.in_title), len(scored)), parameters


def _fts5_matches(ranked: bool) -> Query:
    rank = -type_coerce(func.bm25(_FTS5_INDEX), Float) if ranked else literal(0)
    matching = _FTS5_INDEX.op("MATCH", is_comparison=True)(_AGAINST)
    return select(_FTS5.c.rowid.label("product_id"), _integer(rank)).where(matching)


def _mysql_matches(ranked: bool) -> Query:
    columns = table_of(ProductSearch).c
    matching = mysql.match(columns.title, columns.description, against=_AGAINST).in_boolean_mode()
    rank = type_coerce(matching, Float) if ranked else literal(0)
    return select(columns.product_id, _integer(rank)).where(matching)


def _against_fts5(terms: Terms) -> str:
    # In quotes, FTS5 splits a word as it has split the indexed texts, and looks for the parts in this order.
    return " AND ".join(f'"{word}"' for word in terms.indexed) + _prefix_mark(terms)


def _against_mysql(terms: Terms) -> str:
    return " ".join(f"+{word}" for word in terms.indexed) + _prefix_mark(terms)


def _prefix_mark(terms: Terms) -> str:
    return "*" if terms.ends_with_prefix else ""


def _integer(rank: ColumnElement[Any]) -> ColumnElement[int]:
    """A rank as a whole number, which a cursor holds exactly."""
    return cast(func.round(rank * RANK_UNIT), BigInteger).label("rank")


def _is_indexed_by_mysql(word: str) -> bool:
    return len(word) in MYSQL_WORD_LENGTHS and word.casefold() not in MYSQL_STOPWORDS


def _title_has(name: str) -> ColumnElement[bool]:
    return _PRODUCTS.title.like(bindparam(name), escape=ESCAPE)


def _anywhere(text: str) -> str:
    """The pattern of titles that have a text."""
    for special in (ESCAPE, "%", "_"):
        text = text.replace(special, ESCAPE + special)
    return f"%{text}%"
