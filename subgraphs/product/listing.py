"""The SQL of product lists: the conditions of a filter, and the sort keys of a stable order."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, TypeDecorator, exists, false, or_, select, type_coerce

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.graphql.paging import SortKey
from subgraphs.product.domain import ANONYMOUS, CompanyKind, Platform, ProductFilter, ProductSort
from subgraphs.product.models import Product, ProductCompany, ProductGenre

PLATFORM_BITS = {Platform.WINDOWS: 1, Platform.MAC: 2, Platform.LINUX: 4}
COMPANY_LETTERS = {CompanyKind.DEVELOPER: "D", CompanyKind.PUBLISHER: "P"}


def conditions(filter: ProductFilter) -> list[ColumnElement[bool]]:
    """What a product must fulfil to be listed."""
    conditions: list[ColumnElement[bool]] = []
    if filter.genre is not None:
        conditions.append(_has_genre(filter.genre))
    if filter.developer is not None:
        conditions.append(_has_developer(filter.developer))
    if filter.max_points is not None:
        conditions.append(Product.points <= filter.max_points)
    if filter.on_sale is not None:
        conditions.append(Product.discount_percent > 0 if filter.on_sale else Product.discount_percent == 0)
    if filter.released_from is not None:
        conditions.append(Product.released_on >= filter.released_from)
    if filter.released_to is not None:
        conditions.append(Product.released_on <= filter.released_to)
    if filter.platform is not None:
        conditions.append(Product.platforms.bitwise_and(PLATFORM_BITS[filter.platform]) != 0)
    return conditions


def sort_keys(sort: ProductSort, score: ColumnElement[int]) -> Sequence[SortKey]:
    """The keys of an order over rows of (Product, score); the last is the id, so that the order is total.

    RELEVANCE pages by the score, not by an offset: products that come or go between two pages neither repeat
    nor hide others. Scores are whole numbers, which survive a cursor unchanged.
    """
    if sort is ProductSort.RELEVANCE:
        return (SortKey(score, lambda row: int(row.score), descending=True), _BY_ID)
    return _KEYS[sort]


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


_C = Product.__table__.c
_BY_ID = SortKey(_C.id, lambda row: int(row.Product.id))
_BY_ID_DOWN = SortKey(_C.id, lambda row: int(row.Product.id), descending=True)
# Both keys of an order have the same direction, so that one index serves it.
_KEYS = {
    ProductSort.TITLE: (SortKey(_C.title, lambda row: str(row.Product.title)), _BY_ID),
    ProductSort.NEWEST: (
        SortKey(
            type_coerce(_C.released_on, ReleaseDay()),
            lambda row: row.Product.released_on or "",
            descending=True,
            nullable=True,
        ),
        _BY_ID_DOWN,
    ),
    ProductSort.PRICE_LOW: (SortKey(_C.points, lambda row: int(row.Product.points)), _BY_ID),
    ProductSort.PRICE_HIGH: (SortKey(_C.points, lambda row: int(row.Product.points), descending=True), _BY_ID_DOWN),
    ProductSort.MOST_REVIEWED: (
        SortKey(_C.reviews, lambda row: int(row.Product.reviews), descending=True),
        _BY_ID_DOWN,
    ),
    ProductSort.BEST_REVIEWED: (
        SortKey(_C.review_score, lambda row: int(row.Product.review_score), descending=True),
        _BY_ID_DOWN,
    ),
}


def _has_genre(genre: str) -> ColumnElement[bool]:
    # Most genres are large: walk the list in its order, and look up each product in the genre.
    return exists().where(ProductGenre.product_id == Product.id, ProductGenre.genre == genre)


def _has_developer(developer: str) -> ColumnElement[bool]:
    # A developer has few products: find these first, then sort them.
    is_developer = ProductCompany.kind == COMPANY_LETTERS[CompanyKind.DEVELOPER]
    named = select(ProductCompany.product_id).where(is_developer, ProductCompany.name == developer)
    if developer != ANONYMOUS:
        return Product.id.in_(named)
    return or_(Product.id.in_(named), ~exists().where(ProductCompany.product_id == Product.id, is_developer))


def _day(value: object) -> str:
    """The date in a cursor. Raises BadUserInput for a made-up cursor."""
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise BadUserInput("after", "This is not a cursor of this list.") from error
