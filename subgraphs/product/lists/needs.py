"""What the products of a list must be linked to: words, genres, tags, categories, languages, a developer.

There are two ways to read the products that meet a need. If they are few, they are looked up first. If they are many,
the list is walked in its order, and each product is looked up in the link's table until the page is full. They are
counted, up to `MANY`, to know which way to take.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    bindparam,
    func,
    literal,
    select,
)

from subgraphs.kit.database.repository import table_of
from subgraphs.product import models

MANY = 2000
"""So many products are too many to look them up first and sort them."""
LAST_CHARACTER = "\U0010ffff"


class Link(Enum):
    """What a product is linked to."""

    WORD = "word"
    PREFIX = "prefix"
    """A word that begins like this."""
    TITLE_WORD = "title word"
    TITLE_PREFIX = "title prefix"
    GENRE = "genre"
    TAG = "tag"
    CATEGORY = "category"
    LANGUAGE = "language"
    DEVELOPER = "developer"
    PUBLISHER = "publisher"


_WORDS = table_of(models.ProductWord)
TABLES = {
    Link.WORD: (_WORDS, "word"),
    Link.PREFIX: (_WORDS, "word"),
    Link.TITLE_WORD: (_WORDS, "word"),
    Link.TITLE_PREFIX: (_WORDS, "word"),
    Link.GENRE: (table_of(models.ProductGenre), "genre"),
    Link.TAG: (table_of(models.ProductTag), "tag"),
    Link.CATEGORY: (table_of(models.ProductCategory), "category"),
    Link.LANGUAGE: (table_of(models.ProductLanguage), "language"),
    Link.DEVELOPER: (table_of(models.ProductCompany), "name"),
    Link.PUBLISHER: (table_of(models.ProductCompany), "name"),
}
COMPANIES = {Link.DEVELOPER: "D", Link.PUBLISHER: "P"}
PREFIXES = frozenset({Link.PREFIX, Link.TITLE_PREFIX})
IN_TITLE = {Link.WORD: Link.TITLE_WORD, Link.PREFIX: Link.TITLE_PREFIX}


class Shape(NamedTuple):
    """A need without its values: lists whose needs have the same shapes share a statement."""

    link: Link
    values: int


@dataclass(frozen=True)
class Need:
    """A product needs a link to one of these values."""

    link: Link
    values: tuple[str, ...]

    @property
    def shape(self) -> Shape:
        return Shape(self.link, len(self.values))

    @property
    def in_title(self) -> "Need":
        """The same word, but in the title."""
        return Need(IN_TITLE[self.link], self.values)


def parameters(needs: Sequence[Need]) -> dict[str, str]:
    """The parameters of a statement with these needs."""
    given: dict[str, str] = {}
    for place, need in enumerate(needs):
        values = (need.values[0], need.values[0] + LAST_CHARACTER) if need.link in PREFIXES else need.values
        given |= {_name(place, number): value for number, value in enumerate(values)}
    return given


def is_single(shape: Shape) -> bool:
    """Whether a product has at most one link that meets the need, so that it can be joined."""
    return shape.values == 1 and shape.link not in PREFIXES and shape.link not in COMPANIES


def link_of(shape: Shape) -> FromClause:
    """The table of a need's links, under a name of its own."""
    return TABLES[shape.link][0].alias()


def met_by(shape: Shape, place: int, link: FromClause) -> ColumnElement[bool]:
    """Whether a link meets the need in this place."""
    return _meets(shape, place, link.c)


def lookup(shape: Shape, place: int, product_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether one product meets the need in this place: for lists that are walked."""
    link = link_of(shape)
    found = select(link.c.product_id).where(link.c.product_id == product_id, met_by(shape, place, link)).limit(1)
    # EXISTS would be slow: MariaDB rewrites it, and then looks up all products that meet the need.
    return found.scalar_subquery().is_not(None)


def membership(shape: Shape, place: int, product_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a product meets the need in this place: for lists that are read as a whole."""
    link = link_of(shape)
    return product_id.in_(select(link.c.product_id).where(met_by(shape, place, link)))


def products(shape: Shape, place: int) -> Select[tuple[int]]:
    """The ids of all products that meet the need in this place, each once."""
    link = link_of(shape)
    query = select(link.c.product_id).where(met_by(shape, place, link))
    return query if is_single(shape) else query.distinct()


@lru_cache(256)
def weights(shapes: tuple[Shape, ...]) -> Select[*tuple[Any, ...]]:
    """How many links meet each need, at most MANY."""
    counts = []
    for place, shape in enumerate(shapes):
        link = link_of(shape)
        some = select(literal(1)).select_from(link).where(met_by(shape, place, link)).limit(MANY).subquery()
        counts.append(select(func.count()).select_from(some).scalar_subquery())
    return select(*counts)


def _meets(shape: Shape, place: int, link: Any) -> ColumnElement[bool]:
    column = link[TABLES[shape.link][1]]
    value = [bindparam(_name(place, number), type_=String()) for number in range(max(2, shape.values))]
    if shape.link in PREFIXES:
        meets = and_(column >= value[0], column < value[1])
    else:
        meets = column == value[0] if shape.values == 1 else column.in_(value)
    if shape.link in IN_TITLE:
        return and_(link.in_title.in_((0, 1)), meets)  # anywhere; the index begins with it
    if shape.link in (Link.TITLE_WORD, Link.TITLE_PREFIX):
        return and_(link.in_title == 1, meets)
    return and_(meets, link.kind == COMPANIES[shape.link]) if shape.link in COMPANIES else meets


def _name(place: int, number: int) -> str:
    return f"need_{place}_{number}"
