"""Translates a search and a filter into needs (links that a product must have) and conditions on its columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, case, exists, or_, select

from subgraphs.kit.database.repository import table_of
from subgraphs.product.domain import ANONYMOUS, COMPANY_LETTERS, MILLIONTHS, PLATFORM_BITS, CompanyKind
from subgraphs.product.lists.domain import Names, ProductFilter
from subgraphs.product.lists.needs import Link, Need, parameters
from subgraphs.product.models import Product, ProductCompany
from subgraphs.product.search.text import SearchText

ESCAPE = "/"

_C = table_of(Product).c
_COMPANIES = table_of(ProductCompany).c
_IS_DEVELOPER = _COMPANIES.kind == COMPANY_LETTERS[CompanyKind.DEVELOPER]
_named_anonymous = select(_COMPANIES.product_id).where(_IS_DEVELOPER, _COMPANIES.name == ANONYMOUS)
CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "title_has": _C.title.like(bindparam("title_has", type_=String()), escape=ESCAPE),
    "anonymous": or_(_C.id.in_(_named_anonymous), ~exists().where(_COMPANIES.product_id == _C.id, _IS_DEVELOPER)),
    "min_points": _C.points >= bindparam("min_points"),
    "max_points": _C.points <= bindparam("max_points"),
    "on_sale": case((_C.discount_percent > 0, 1), else_=0) == bindparam("on_sale"),
    "released_from": _C.released_on >= bindparam("released_from"),
    "released_to": _C.released_on <= bindparam("released_to"),
    "platform": _C.platforms.bitwise_and(bindparam("platform")) != 0,
    "min_review_score": _C.review_score >= bindparam("min_review_score"),
}


@dataclass(frozen=True)
class Wanted:
    """What products must have. The words of a search are the first needs."""

    needs: tuple[Need, ...]
    conditions: Mapping[str, Any]
    """Names of CONDITIONS with the parameter of each."""

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of a statement."""
        return dict(self.conditions) | parameters(self.needs)


def wanted(search: SearchText | None, filter: ProductFilter) -> Wanted:
    """What a list demands of its products."""
    words = words_needed(search) if search else ()
    conditions = _conditions(filter)
    if search and not words:
        conditions["title_has"] = _anywhere(search.text)
    return Wanted((*words, *_links(filter)), conditions)


def words_needed(search: SearchText) -> tuple[Need, ...]:
    """A need for each word of a search."""
    last = len(search.words) - 1
    return tuple(Need(Link.PREFIX if place == last else Link.WORD, (word,)) for place, word in enumerate(search.words))


def _links(filter: ProductFilter) -> tuple[Need, ...]:
    genres = Names(filter.genres.any, filter.genres.all + ((filter.genre,) if filter.genre is not None else ()))
    kinds = (
        (Link.GENRE, genres),
        (Link.TAG, filter.tags),
        (Link.CATEGORY, filter.categories),
        (Link.LANGUAGE, filter.languages),
    )
    needs = [Need(link, values) for link, names in kinds for values in (names.any, *[(one,) for one in names.all])]
    if filter.developer is not None and filter.developer != ANONYMOUS:
        needs.append(Need(Link.DEVELOPER, (filter.developer,)))
    if filter.publisher is not None:
        needs.append(Need(Link.PUBLISHER, (filter.publisher,)))
    return tuple(need for need in needs if need.values)


def _conditions(filter: ProductFilter) -> dict[str, Any]:
    score = filter.min_review_score
    given = {
        "anonymous": True if filter.developer == ANONYMOUS else None,
        "min_points": filter.min_points,
        "max_points": filter.max_points,
        "on_sale": filter.on_sale,
        "released_from": filter.released_from,
        "released_to": filter.released_to,
        "platform": PLATFORM_BITS[filter.platform] if filter.platform else None,
        "min_review_score": None if score is None else score * MILLIONTHS,
    }
    return {name: value for name, value in given.items() if value is not None}


def _anywhere(text: str) -> str:
    """The pattern of titles that have a text."""
    for special in (ESCAPE, "%", "_"):
        text = text.replace(special, ESCAPE + special)
    return f"%{text}%"
