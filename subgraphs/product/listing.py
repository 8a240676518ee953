"""The SQL of product lists: the conditions of a filter, and the sort keys of a stable order.

Statements are made once for each set of conditions, and get the filter's values as parameters: making one anew costs
more than running it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    TypeDecorator,
    bindparam,
    case,
    exists,
    false,
    func,
    or_,
    select,
    type_coerce,
)

from subgraphs.kit.database.repository import table_of
from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.product.domain import ANONYMOUS, CompanyKind, Platform, ProductFilter, ProductSort
from subgraphs.product.models import Product, ProductCompany, ProductGenre
from subgraphs.product.search import Query, SearchShape

PLATFORM_BITS = {Platform.WINDOWS: 1, Platform.MAC: 2, Platform.LINUX: 4}
COMPANY_LETTERS = {CompanyKind.DEVELOPER: "D", CompanyKind.PUBLISHER: "P"}
STATEMENTS = 256
"""The most statements of each kind that are kept."""

_C = table_of(Product).c
_GENRES = table_of(ProductGenre).c
_COMPANIES = table_of(ProductCompany).c


class ReleaseDay(TypeDecorator[str]):
    """`released_on` as a sort key. A missing date is "" in a cursor, and sorts before every date.

    NULL sorts first on both engines. This comparison pages past it, and still uses the index on the date.
    """

    impl = String(10)
    cache_ok = True

    @property
    def python_type(self) -> type[str]:
        return str

    class Comparator(TypeDecorator.Comparator[str]):
        def __lt__(self, other: Any) -> ColumnElement[bool]:
            return or_(self._as_day() < _day(other), self.expr.is_(None)) if other else false()

        def __eq__(self, other: Any) -> ColumnElement[bool]:  # type: ignore[override]
            return self._as_day() == _day(other) if other else self.expr.is_(None)

        def _as_day(self) -> ColumnElement[str]:
            return type_coerce(self.expr, String(10))

    comparator_factory = Comparator


@dataclass(frozen=True)
class Order:
    """A stable order over rows of (id, key): the column that is the key, and the sort keys."""

    column: ColumnElement[Any]
    keys: Sequence[SortKey]

    @classmethod
    def by(cls, column: ColumnElement[Any], read: type[int] | type[str], descending: bool = False) -> "Order":
        """Both keys of an order have the same direction, so that one index serves it."""
        keys = (
            SortKey(column, lambda row: read(row.key), descending=descending),
            SortKey(_C.id, lambda row: int(row.id), descending=descending),
        )
        return cls(column, keys)

    @classmethod
    def by_score(cls, score: ColumnElement[int]) -> "Order":
        """The order of RELEVANCE. A cursor holds the score of the page's last product, not an offset.

        So a product that is added or removed between two pages makes no other appear twice or not at all. Scores are
        whole numbers, which a cursor keeps exactly.
        """
        by_score = SortKey(score, lambda row: int(row.key), descending=True)
        return cls(score, (by_score, SortKey(_C.id, lambda row: int(row.id))))


_NEWEST = SortKey(type_coerce(_C.released_on, ReleaseDay()), lambda row: row.key or "", descending=True, nullable=True)
_BY_ID_DOWN = SortKey(_C.id, lambda row: int(row.id), descending=True)
ORDERS = {
    ProductSort.TITLE: Order.by(_C.title, str),
    ProductSort.NEWEST: Order(_C.released_on, (_NEWEST, _BY_ID_DOWN)),
    ProductSort.PRICE_LOW: Order.by(_C.points, int),
    ProductSort.PRICE_HIGH: Order.by(_C.points, int, descending=True),
    ProductSort.MOST_REVIEWED: Order.by(_C.reviews, int, descending=True),
    ProductSort.BEST_REVIEWED: Order.by(_C.review_score, int, descending=True),
}
"""Every order but RELEVANCE, which depends on the search."""


def has_genre(genre: Any) -> ColumnElement[bool]:
    """Whether a product has a genre, a name or a parameter."""
    # Most genres are large: walk the list in its order, and look up each product in the genre.
    return exists().where(_GENRES.product_id == _C.id, _GENRES.genre == genre)


def _developed(name: str) -> ColumnElement[bool]:
    # A developer has few products: find these first, then sort them.
    named = select(_COMPANIES.product_id).where(_IS_DEVELOPER, _COMPANIES.name == bindparam(name, type_=String()))
    return _C.id.in_(named)


_IS_DEVELOPER = _COMPANIES.kind == COMPANY_LETTERS[CompanyKind.DEVELOPER]
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "genre": has_genre(bindparam("genre")),
    "developer": _developed("developer"),
    "anonymous": or_(_developed("anonymous"), ~exists().where(_COMPANIES.product_id == _C.id, _IS_DEVELOPER)),
    "max_points": _C.points <= bindparam("max_points"),
    "on_sale": case((_C.discount_percent > 0, 1), else_=0) == bindparam("on_sale"),
    "released_from": _C.released_on >= bindparam("released_from"),
    "released_to": _C.released_on <= bindparam("released_to"),
    "platform": _C.platforms.bitwise_and(bindparam("platform")) != 0,
}


def parameters(filter: ProductFilter) -> dict[str, Any]:
    """The conditions that a filter sets, by name, and the parameter of each."""
    developer = "anonymous" if filter.developer == ANONYMOUS else "developer"
    given = {
        "genre": filter.genre,
        developer: filter.developer,
        "max_points": filter.max_points,
        "on_sale": filter.on_sale,
        "released_from": filter.released_from,
        "released_to": filter.released_to,
        "platform": PLATFORM_BITS[filter.platform] if filter.platform else None,
    }
    return {name: value for name, value in given.items() if value is not None}


def conditions(names: Collection[str]) -> list[ColumnElement[bool]]:
    """What a product must fulfil to be listed."""
    return [_CONDITIONS[name] for name in names]


def listed(
    names: Collection[str], sort: ProductSort, search: SearchShape | None
) -> tuple[Select[*tuple[Any, ...]], Order]:
    """What a list holds, as rows of (id, key), and its order."""
    if search is None:
        order = ORDERS[sort]
        query: Query = select(_C.id)
    else:
        query, score = search.apply(select(_C.id), ranked=sort is ProductSort.RELEVANCE)
        order = Order.by_score(score) if sort is ProductSort.RELEVANCE else ORDERS[sort]
    return query.add_columns(order.column.label("key")).where(*conditions(names)), order


@lru_cache(STATEMENTS)
def first_page(
    names: tuple[str, ...], sort: ProductSort, search: SearchShape | None, size: int
) -> tuple[Select[*tuple[Any, ...]], Order]:
    """The first page of a list, and its order."""
    query, order = listed(names, sort, search)
    return paginate(query, order.keys, PageRequest(size)), order


@lru_cache(STATEMENTS)
def size(names: tuple[str, ...], search: SearchShape | None) -> Select[*tuple[Any, ...]]:
    """How many products a list has."""
    query: Query = select(func.count()).select_from(_C.id.table).where(*conditions(names))
    return query if search is None else search.apply(query, ranked=False)[0]


def page_of_ids(rows: Sequence[Any], order: Order, page_request: PageRequest) -> Page[int]:
    """The page made of the rows of a list in this order."""
    page = page_of(rows, order.keys, page_request)
    return Page([row.id for row in page.rows], page.cursors, page.has_next, page.has_previous)


def _day(value: object) -> str:
    """The date in a cursor. Raises BadUserInput for a made-up cursor."""
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise BadUserInput("after", "This is not a cursor of this list.") from error
