"""Lists of products: which ones (filters), and in what stable order (sorts)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, String, TypeDecorator, exists, false, or_, select, type_coerce

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.graphql.paging import SortKey
from subgraphs.product.models import Product, ProductCompany, ProductGenre

ANONYMOUS = "Anonymous"
"""The developer of a product that names none."""


class Sort(Enum):
    """The order of a list of products."""

    RELEVANCE = "RELEVANCE"
    TITLE = "TITLE"
    NEWEST = "NEWEST"
    PRICE_LOW = "PRICE_LOW"
    PRICE_HIGH = "PRICE_HIGH"
    MOST_REVIEWED = "MOST_REVIEWED"
    BEST_REVIEWED = "BEST_REVIEWED"


class Platform(Enum):
    """A system that a product runs on."""

    WINDOWS = "WINDOWS"
    MAC = "MAC"
    LINUX = "LINUX"

    @property
    def bit(self) -> int:
        """Its bit in `Product.platforms`."""
        return PLATFORM_BITS[self]


PLATFORM_BITS = {Platform.WINDOWS: 1, Platform.MAC: 2, Platform.LINUX: 4}


@dataclass(frozen=True)
class Filter:
    """What a list of products is cut down to; None leaves a property alone."""

    genre: str | None = None
    developer: str | None = None
    max_points: int | None = None
    on_sale: bool | None = None
    released_from: date | None = None
    released_to: date | None = None
    platform: Platform | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """As SQL. Raises BadUserInput for a range that nothing can lie in."""
        self._check()
        conditions: list[ColumnElement[bool]] = []
        if self.genre is not None:
            conditions.append(_has_genre(self.genre))
        if self.developer is not None:
            conditions.append(_has_developer(self.developer))
        if self.max_points is not None:
            conditions.append(Product.points <= self.max_points)
        if self.on_sale is not None:
            conditions.append(Product.discount_percent > 0 if self.on_sale else Product.discount_percent == 0)
        if self.released_from is not None:
            conditions.append(Product.released_on >= self.released_from)
        if self.released_to is not None:
            conditions.append(Product.released_on <= self.released_to)
        if self.platform is not None:
            conditions.append(Product.platforms.bitwise_and(self.platform.bit) != 0)
        return conditions

    def _check(self) -> None:
        if self.max_points is not None and self.max_points < 0:
            raise BadUserInput("maxPoints", "maxPoints must not be negative.")
        if self.released_from and self.released_to and self.released_from > self.released_to:
            raise BadUserInput("releasedFrom", "releasedFrom must not be after releasedTo.")


class ReleaseDay(TypeDecorator[str]):
    """`released_on` as a sort key: "" stands for no date, before every date, as NULL is in both engines.

    So a page behind a product without a date can be asked for, and the index on the date still serves.
    """

    impl = String(10)
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[str]):
        def __lt__(self, other: Any) -> ColumnElement[bool]:
            return or_(self._as_day() < _day(other), self.expr.is_(None)) if other else false()

        def __eq__(self, other: Any) -> ColumnElement[bool]:  # type: ignore[override]
            return self._as_day() == _day(other) if other else self.expr.is_(None)

        def _as_day(self) -> ColumnElement[str]:
            return type_coerce(self.expr, String(10))

    comparator_factory = Comparator


def keys_of(sort: Sort, score: ColumnElement[int]) -> Sequence[SortKey]:
    """The keys of an order over rows of (Product, score); the last is always the id, so that it is total.

    RELEVANCE pages by the score itself and not by an offset: what is published or taken away between two
    pages then neither repeats nor hides anything else. A score is a whole number, which survives a cursor
    unchanged, and the same for the same text and catalogue.
    """
    if sort is Sort.RELEVANCE:
        return (SortKey(score, lambda row: int(row.score), descending=True), _BY_ID)
    return _KEYS[sort]


_C = Product.__table__.c
_BY_ID = SortKey(_C.id, lambda row: int(row.Product.id))
_BY_ID_DOWN = SortKey(_C.id, lambda row: int(row.Product.id), descending=True)
# Both keys run the same way, so that one index is walked in one direction.
_KEYS = {
    Sort.TITLE: (SortKey(_C.title, lambda row: str(row.Product.title)), _BY_ID),
    Sort.NEWEST: (
        SortKey(
            type_coerce(_C.released_on, ReleaseDay()),
            lambda row: row.Product.released_on or "",
            descending=True,
            nullable=True,
        ),
        _BY_ID_DOWN,
    ),
    Sort.PRICE_LOW: (SortKey(_C.points, lambda row: int(row.Product.points)), _BY_ID),
    Sort.PRICE_HIGH: (SortKey(_C.points, lambda row: int(row.Product.points), descending=True), _BY_ID_DOWN),
    Sort.MOST_REVIEWED: (
        SortKey(_C.reviews, lambda row: int(row.Product.reviews), descending=True),
        _BY_ID_DOWN,
    ),
    Sort.BEST_REVIEWED: (
        SortKey(_C.review_score, lambda row: int(row.Product.review_score), descending=True),
        _BY_ID_DOWN,
    ),
}


def _has_genre(genre: str) -> ColumnElement[bool]:
    # Most genres are large: the list is walked in its order, and each product looked up in the genre.
    return exists().where(ProductGenre.product_id == Product.id, ProductGenre.genre == genre)


def _has_developer(developer: str) -> ColumnElement[bool]:
    # Developers have few products: those are taken first, and sorted after.
    named = select(ProductCompany.product_id).where(ProductCompany.kind == "D", ProductCompany.name == developer)
    if developer != ANONYMOUS:
        return Product.id.in_(named)
    anyone = exists().where(ProductCompany.product_id == Product.id, ProductCompany.kind == "D")
    return or_(Product.id.in_(named), ~anyone)


def _day(value: object) -> str:
    """Raises BadUserInput for a cursor's value that is no date: somebody made that cursor up."""
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise BadUserInput("after", "This is not a cursor of this list.") from error
