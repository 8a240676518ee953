"""The SQL of RELEVANCE: better places of the words first, and among products of one tier the most reviewed.

Each tier is read by itself, best first, until the page is full. So a search of common words walks the most reviewed
products for a moment, and never sorts all that match.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, not_, or_, select

from subgraphs.kit.database.repository import table_of
from subgraphs.kit.graphql.paging import SortKey
from subgraphs.product.listing import STATEMENTS, ListShape, Query, restricted
from subgraphs.product.models import Product
from subgraphs.product.needs import IN_TITLE, Shape, any_of, link_of, lookup, membership, met_by

EXACT_AT_MOST = 100
"""Products whose title is the text itself. Further ones are among those that have all words in the title."""
STEP = 10**12
"""The score of a product is its tier times this, and its reviews."""

Has = Callable[[Shape, int, ColumnElement[int]], ColumnElement[bool]]

_C = table_of(Product).c
_EXACT: BindParameter[Any] = bindparam("exact", expanding=True)


class Tier(IntEnum):
    """Where a product has the words of a search."""

    DESCRIBED = 0
    """All in the description."""
    PARTLY = 1
    """Some in the title, the others in the description."""
    TITLED = 2
    """All in the title."""
    EXACT = 3
    """The title is the text."""


class Found(NamedTuple):
    """A product with its score, which is a whole number, so that a cursor keeps it exactly."""

    id: int
    key: int

    @classmethod
    def of(cls, tier: Tier, row: Any) -> "Found":
        return cls(row.id, tier * STEP + row.reviews)


KEYS = (
    SortKey(_C.reviews, lambda found: int(found.key), descending=True),
    SortKey(_C.id, lambda found: int(found.id), descending=True),
)


def tiers(words: int) -> list[Tier]:
    """The tiers of a search with so many words, best first, but EXACT."""
    if words == 0:
        return [Tier.TITLED]
    return [Tier.TITLED, Tier.DESCRIBED] if words == 1 else [Tier.TITLED, Tier.PARTLY, Tier.DESCRIBED]


@lru_cache(STATEMENTS)
def exact(shape: ListShape, words: int) -> Query:
    """The products whose title is the text, the most reviewed first."""
    walked = ListShape(_in_title(shape.needs, words), shape.conditions, None)
    query = restricted((_C.id, _C.reviews), walked).where(_C.title == bindparam("text"))
    return query.order_by(_C.reviews.desc(), _C.id.desc()).limit(EXACT_AT_MOST)


@lru_cache(STATEMENTS)
def tier_page(tier: Tier, shape: ListShape, words: int, without_exact: bool, goes_on: bool) -> Query:
    """Products of one tier as rows of (id, reviews): `limit` of them, after (`reviews`, `last`) if it `goes_on`."""
    in_title = _in_title(shape.needs, words)
    if tier is Tier.TITLED:
        query = _reviewed(ListShape(in_title, shape.conditions, shape.start))
    elif tier is Tier.PARTLY:
        # Few products have most of the words and not all in the title. Those that have any there are looked up first.
        listed = ListShape(shape.needs, shape.conditions, None)
        query = _reviewed(listed, any_of(in_title[:words])).where(not_(and_(*_each(membership, in_title[:words]))))
    else:
        has = lookup if shape.start is None else membership
        query = _reviewed(shape).where(not_(or_(*_each(has, in_title[:words]))))
    if without_exact:
        query = query.where(_C.id.not_in(_EXACT))
    if goes_on:
        query = query.where(_behind())
    return query.order_by(_C.reviews.desc(), _C.id.desc()).limit(bindparam("limit"))


@lru_cache(STATEMENTS)
def any_match(shape: ListShape) -> Query:
    """One product that has all words, if there is any; the words of `start` are looked up first."""
    assert shape.start is not None
    first, others = link_of(shape.needs[shape.start]), enumerate(shape.needs)
    met = [lookup(need, place, first.c.product_id) for place, need in others if place != shape.start]
    return select(first.c.product_id).where(met_by(shape.needs[shape.start], shape.start, first), *met).limit(1)


def _in_title(needs: Sequence[Shape], words: int) -> tuple[Shape, ...]:
    """The needs with their words in the title."""
    return tuple(Shape(IN_TITLE[need.link], need.values) for need in needs[:words]) + tuple(needs[words:])


def _reviewed(shape: ListShape, among: Select[tuple[int]] | None = None) -> Query:
    return restricted((_C.id, _C.reviews), shape, "ix_products_by_reviews", among)


def _each(has: Has, needs: Sequence[Shape]) -> list[ColumnElement[bool]]:
    return [has(need, place, _C.id) for place, need in enumerate(needs)]


def _behind() -> ColumnElement[bool]:
    reviews: BindParameter[int] = bindparam("reviews")
    last: BindParameter[int] = bindparam("last")
    return and_(_C.reviews <= reviews, or_(_C.reviews < reviews, and_(_C.reviews == reviews, _C.id < last)))
