"""How many products of a list have which genre, tag, language, platform and price: one statement for each facet."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Select, case, func, select

from subgraphs.kit.database.repository import table_of
from subgraphs.product import models
from subgraphs.product.lists.domain import BANDS, MOST_NAMES, Facet
from subgraphs.product.lists.statements import ListShape, members

_PRODUCTS = table_of(models.Product)
_C = _PRODUCTS.c

LINKS = {
    Facet.GENRES: table_of(models.ProductGenre).c.genre,
    Facet.TAGS: table_of(models.ProductTag).c.tag,
    Facet.LANGUAGES: table_of(models.ProductLanguage).c.language,
}
_BAND = case(*[(_C.points <= most, place) for place, most in enumerate(BANDS)], else_=len(BANDS))


@lru_cache(64)
def counted(facet: Facet, shape: ListShape) -> Select[*tuple[Any, ...]]:
    """Rows of (value, products) of a list: the names of the most products, or all platforms or bands."""
    value = _value(facet)
    query = select(value.label("value"), func.count().label("products"))
    if shape.needs or shape.conditions:
        ids = members(shape).subquery("listed")
        own = value.table.c.product_id if facet in LINKS else _C.id
        query = query.join_from(ids, own.table, own == ids.c[0])
    query = query.group_by(value)
    if facet in LINKS:
        query = query.order_by(func.count().desc(), value).limit(MOST_NAMES)
    return query


def _value(facet: Facet) -> Any:
    if facet in LINKS:
        return LINKS[facet]
    return _C.platforms if facet is Facet.PLATFORMS else _BAND
