"""The SQL of RELEVANCE: products in tiers, by where they have the words; in each tier the most reviewed first.

Where few products match, all of them are sorted. Where the words are common, nothing is sorted: the most reviewed
products are walked until the page is full, first those with all words in the title, then the others.
"""

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, String, and_, bindparam, case, false, not_, or_, select, true

from subgraphs.kit.database.repository import table_of
from subgraphs.kit.graphql.paging import SortKey
from subgraphs.product.lists.needs import IN_TITLE, Shape, link_of, lookup, membership, met_by
from subgraphs.product.lists.statements import STATEMENTS, ListShape, Query, restricted
from subgraphs.product.models import Product

EXACT_AT_MOST = 100
"""Products whose title is the text itself. Further ones are among those that have all words in the title."""
STEP = 10**12
"""The score of a product is its tier times this, and its reviews."""

_C = table_of(Product).c
_EXACT: BindParameter[Any] = bindparam("exact", expanding=True)
_KEY: BindParameter[int] = bindparam("key")
_TEXT: BindParameter[str] = bindparam("text", type_=String())


class Tier(IntEnum):
    """Where a product has the words of a search."""

    DESCRIBED = 0
    """All in the description; some of very common words may be in the title."""
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


KEYS = (
    SortKey(_C.reviews, lambda found: int(found.key), descending=True),
    SortKey(_C.id, lambda found: int(found.id), descending=True),
)


@lru_cache(STATEMENTS)
def sorted_page(shape: ListShape, words: int, goes_on: bool) -> Query:
    """A page of a search that few products match: `limit` rows of (id, key), after (`key`, `last`) if it `goes_on`."""
    in_title = [membership(need, place, _C.id) for place, need in enumerate(_in_title(shape.needs, words)[:words])]
    tiers = [(_C.title == _TEXT, Tier.EXACT * STEP), (and_(true(), *in_title), Tier.TITLED * STEP)]
    tier = case(*tiers, (or_(false(), *in_title), Tier.PARTLY * STEP), else_=0)
    return _page(shape, 0, tier + _C.reviews, False, goes_on)


@lru_cache(STATEMENTS)
def exact(shape: ListShape, words: int) -> Query:
    """The products whose title is the text, as rows of (id, key), the most reviewed first."""
    walked = ListShape(_in_title(shape.needs, words), shape.conditions, None)
    query = restricted((_C.id, (Tier.EXACT * STEP + _C.reviews).label("key")), walked).where(_C.title == _TEXT)
    return query.order_by(_C.reviews.desc(), _C.id.desc()).limit(EXACT_AT_MOST)


@lru_cache(STATEMENTS)
def titled_page(shape: ListShape, words: int, without_exact: bool, goes_on: bool) -> Query:
    """Like `sorted_page`, the products with all words in the title."""
    listed = ListShape(_in_title(shape.needs, words), shape.conditions, shape.start)
    return _page(listed, Tier.TITLED * STEP, _C.reviews, without_exact, goes_on)


@lru_cache(STATEMENTS)
def rest_page(shape: ListShape, words: int, without_exact: bool, goes_on: bool) -> Query:
    """Like `sorted_page`, the products with all words, but not all in the title."""
    in_title = [lookup(need, place, _C.id) for place, need in enumerate(_in_title(shape.needs, words)[:words])]
    return _page(shape, 0, _C.reviews, without_exact, goes_on).where(not_(and_(*in_title)))


def _page(shape: ListShape, base: int, key: ColumnElement[int], without_exact: bool, goes_on: bool) -> Query:
    """A page in the order of `key`, to which all rows add `base`."""
    query = restricted((_C.id, (base + key).label("key")), shape, "ix_products_by_reviews")
    if without_exact:
        query = query.where(_C.id.not_in(_EXACT))
    if goes_on:
        query = query.where(key <= _KEY, or_(key < _KEY, and_(key == _KEY, _C.id < bindparam("last"))))
    return query.order_by(key.desc(), _C.id.desc()).limit(bindparam("limit"))


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
