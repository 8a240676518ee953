"""The SQL of product lists: what a filter and a search demand, and the sort keys of a stable order.

Statements are made once for each set of conditions, and get the values as parameters: making one anew costs more than
running it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    TypeDecorator,
    and_,
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
from subgraphs.product.lists.domain import ProductSort
from subgraphs.product.lists.needs import Shape, is_single, link_of, lookup, membership, met_by, products
from subgraphs.product.lists.wanted import CONDITIONS
from subgraphs.product.models import Product, ProductGenre

STATEMENTS = 256
"""The most statements of each kind that are kept."""

_PRODUCTS = table_of(Product)
_C = _PRODUCTS.c
_GENRES = table_of(ProductGenre).c
Query = Select[*tuple[Any, ...]]


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
    """A stable order over rows of (id, key): the column that is the key, the sort keys, and the index that has both."""

    column: ColumnElement[Any]
    keys: Sequence[SortKey]
    index: str

    @classmethod
    def by(
        cls, column: ColumnElement[Any], read: type[int] | type[str], index: str, descending: bool = False
    ) -> "Order":
        """Both keys of an order have the same direction, so that one index serves it."""
        keys = (
            SortKey(column, lambda row: read(row.key), descending=descending),
            SortKey(_C.id, lambda row: int(row.id), descending=descending),
        )
        return cls(column, keys, index)


_NEWEST = SortKey(type_coerce(_C.released_on, ReleaseDay()), lambda row: row.key or "", descending=True, nullable=True)
_BY_ID_DOWN = SortKey(_C.id, lambda row: int(row.id), descending=True)
ORDERS = {
    ProductSort.TITLE: Order.by(_C.title, str, "ix_products_title"),
    ProductSort.NEWEST: Order(_C.released_on, (_NEWEST, _BY_ID_DOWN), "ix_products_by_released_on"),
    ProductSort.PRICE_LOW: Order.by(_C.points, int, "ix_products_by_points"),
    ProductSort.PRICE_HIGH: Order.by(_C.points, int, "ix_products_by_points", descending=True),
    ProductSort.MOST_REVIEWED: Order.by(_C.reviews, int, "ix_products_by_reviews", descending=True),
    ProductSort.BEST_REVIEWED: Order.by(_C.review_score, int, "ix_products_by_review_score", descending=True),
}
"""Every order but RELEVANCE, which `relevance.py` has."""


@dataclass(frozen=True)
class ListShape:
    """A list without its values: lists of one shape share their statements."""

    needs: tuple[Shape, ...]
    conditions: tuple[str, ...]
    """Names of CONDITIONS."""
    start: int | None
    """The place of the need whose products are looked up first; None walks the list in its order."""


def has_genre(genre: Any) -> ColumnElement[bool]:
    """Whether a product has a genre, a name or a parameter."""
    return exists().where(_GENRES.product_id == _C.id, _GENRES.genre == genre)


def restricted(columns: Collection[ColumnElement[Any]], shape: ListShape, index: str = "") -> Query:
    """Columns of a list's products, to be read until a page is full.

    What meets the need at `start` is looked up first. Without one the list is walked, along an index of `products`.
    """
    start, met = shape.start, []
    tables: FromClause = _PRODUCTS
    if start is not None:
        found = products(shape.needs[start], start).subquery("found")
        others = [(place, need) for place, need in enumerate(shape.needs) if place != start]
        met = [membership(need, place, found.c.product_id) for place, need in others]
        tables = found.join(_PRODUCTS, _C.id == found.c.product_id)
    else:
        for place, need in enumerate(shape.needs):
            if is_single(need):
                link = link_of(need)
                tables = tables.join(link, and_(link.c.product_id == _C.id, met_by(need, place, link)))
            else:
                met.append(lookup(need, place, _C.id))
    query: Query = select(*columns).select_from(tables).where(*[CONDITIONS[name] for name in shape.conditions], *met)
    return _in_this_order(query, index if start is None else "")


def _in_this_order(query: Query, index: str) -> Query:
    """Makes MySQL and MariaDB read the tables in the written order: they might walk the whole list instead."""
    for dialect in ("mysql", "mariadb"):
        query = query.prefix_with("STRAIGHT_JOIN", dialect=dialect)
        if index:
            query = query.with_hint(_PRODUCTS, f"FORCE INDEX ({index})", dialect)
    return query


def listed(shape: ListShape, sort: ProductSort) -> tuple[Query, Order]:
    """What a list holds, as rows of (id, key), and its order."""
    order = ORDERS[sort]
    return restricted((_C.id, order.column.label("key")), shape, order.index), order


@lru_cache(STATEMENTS)
def first_page(shape: ListShape, sort: ProductSort, size: int) -> tuple[Query, Order]:
    """The first page of a list, and its order."""
    query, order = listed(shape, sort)
    return paginate(query, order.keys, PageRequest(size)), order


@lru_cache(STATEMENTS)
def size(shape: ListShape) -> Query:
    """How many products a list has."""
    ids = members(shape).subquery()
    return select(func.count()).select_from(ids)


def members(shape: ListShape) -> Query:
    """The ids of all products of a list, to be counted."""
    if shape.start is not None and shape.conditions:
        return restricted((_C.id,), shape)
    start = shape.start
    product_id: ColumnElement[int] = _C.id
    if start is not None:  # the links tell it all
        product_id = products(shape.needs[start], start).subquery("found").c.product_id
    met = [membership(need, place, product_id) for place, need in enumerate(shape.needs) if place != start]
    return select(product_id.label("id")).where(*[CONDITIONS[name] for name in shape.conditions], *met)


def page_of_ids(rows: Sequence[Any], keys: Sequence[SortKey], page_request: PageRequest) -> Page[int]:
    """The page made of the rows of a list in the order of these keys."""
    return page_of(rows, keys, page_request).map(lambda row: row.id)


def _day(value: object) -> str:
    """The date in a cursor. Raises BadUserInput for a made-up cursor."""
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise BadUserInput("after", "This is not a cursor of this list.") from error
