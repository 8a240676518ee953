"""The SQL of groups of products: genres, categories and companies."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, ColumnElement, Select, String, bindparam, exists, func, literal, select, union_all

from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.kit.graphql.paging import Page, PageRequest, paginate
from subgraphs.product import models
from subgraphs.product.domain import COMPANY_LETTERS, CompanyKind, Group
from subgraphs.product.lists import statements
from subgraphs.product.lists.domain import ProductSort
from subgraphs.product.lists.statements import ListShape, page_of_ids

Name: TypeAlias = BindParameter[str]

# SQLite takes 500 SELECTs in one UNION.
GROUPS_PER_STATEMENT = 400
STATEMENTS = 256
"""The most parts of statements that are kept: making one takes longer than running it."""

_C = table_of(models.Product).c
_GENRES = table_of(models.ProductGenre).c
_CATEGORIES = table_of(models.ProductCategory).c
_COMPANIES = table_of(models.ProductCompany).c
_DEVELOPER = _COMPANIES.kind == COMPANY_LETTERS[CompanyKind.DEVELOPER]
_PUBLISHER = _COMPANIES.kind == COMPANY_LETTERS[CompanyKind.PUBLISHER]
_NAMES: BindParameter[Any] = bindparam("names", expanding=True)


def _in_category(name: Name) -> ColumnElement[bool]:
    # As with genres: most are large, so walk the products in their order, and look up each one.
    return exists().where(_CATEGORIES.product_id == _C.id, _CATEGORIES.category == name)


def _of_company(part: ColumnElement[bool], name: Name) -> ColumnElement[bool]:
    # A company has few products: find these first, then sort them.
    return _C.id.in_(select(_COMPANIES.product_id).where(part, _COMPANIES.name == name))


def _sizes(name: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(name.label("name"), func.count().label("products")).where(name.in_(_NAMES), *conditions).group_by(name)
    )


MEMBERS: dict[Group, Callable[[Name], ColumnElement[bool]]] = {
    Group.GENRE: statements.has_genre,
    Group.CATEGORY: _in_category,
    Group.DEVELOPER: lambda name: _of_company(_DEVELOPER, name),
    Group.PUBLISHER: lambda name: _of_company(_PUBLISHER, name),
}
"""Whether a product is in the group of this name, a parameter."""
COMPANIES = frozenset({Group.DEVELOPER, Group.PUBLISHER})
SIZES = {
    Group.GENRE: _sizes(_GENRES.genre),
    Group.CATEGORY: _sizes(_CATEGORIES.category),
    Group.DEVELOPER: _sizes(_COMPANIES.name, _DEVELOPER),
    Group.PUBLISHER: _sizes(_COMPANIES.name, _PUBLISHER),
}


class GroupRepository(Repository):
    """Reads the products of groups. The groups of one kind that a request asks for are read by one statement."""

    async def pages(self, names: Sequence[str], group: Group, page_request: PageRequest) -> dict[str, Page[int]]:
        """For each group a page of its products, as their ids, the most reviewed first."""
        order = statements.ORDERS[ProductSort.MOST_REVIEWED]
        rows: dict[str, list[Any]] = defaultdict(list)
        for start in range(0, len(names), GROUPS_PER_STATEMENT):
            some = names[start : start + GROUPS_PER_STATEMENT]
            found = union_all(*[_page(place, group, page_request) for place in range(len(some))]).subquery()
            in_order = select(found).order_by(found.c.key.desc(), found.c.id.desc())
            for row in await self._session.execute(in_order, {f"name{place}": name for place, name in enumerate(some)}):
                rows[some[row.place]].append(row)
        return {name: page_of_ids(rows[name], order.keys, page_request) for name in names}

    async def sizes(self, names: Collection[str], group: Group) -> dict[str, int]:
        """How many products each group has."""
        rows = await self._session.execute(SIZES[group], {"names": list(names)})
        return dict.fromkeys(names, 0) | {row.name: row.products for row in rows}


@lru_cache(STATEMENTS)
def _page(place: int, group: Group, page_request: PageRequest) -> Select[*tuple[Any, ...]]:
    """A page of one of many groups: of that whose name is the parameter `name` with its place."""
    query, order = statements.listed(ListShape((), (), None), ProductSort.MOST_REVIEWED)
    if group in COMPANIES:  # which have few products: not along the index of reviews
        query = select(_C.id, order.column.label("key"))
    is_member = MEMBERS[group](bindparam(f"name{place}", type_=String()))
    query = query.add_columns(literal(place).label("place")).where(is_member)
    return select(paginate(query, order.keys, page_request).subquery())
