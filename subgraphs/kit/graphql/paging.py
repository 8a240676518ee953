"""Keyset paging: every page costs the same, however far into the list it is."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Generic, Self, TypeVar

import msgspec
import strawberry
from sqlalchemy import ColumnElement, Select, and_, or_

from subgraphs.kit.errors import BadUserInput

T = TypeVar("T")
U = TypeVar("U")
NodeT = TypeVar("NodeT")
RowT = TypeVar("RowT")
SelectT = TypeVar("SelectT", bound=Select[*tuple[Any, ...]])

DEFAULT_PAGE = 20
MAX_PAGE = 100
# The integers that the databases accept; a made-up cursor may hold larger ones.
Integer = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


First = Annotated[int | None, strawberry.argument(description="How many items to return: 1 to 100; null means 20.")]
After = Annotated[str | None, strawberry.argument(description="The cursor of the item before the page.")]


@dataclass(frozen=True)
class PageRequest:
    """The part of a list that a client asks for: `first` items (1 to 100; null means 20) after an opaque cursor.

    Raises BadUserInput for another `first`.
    """

    size: int | None = DEFAULT_PAGE
    after: str | None = None

    @property
    def first(self) -> int:
        return DEFAULT_PAGE if self.size is None else self.size

    def __post_init__(self) -> None:
        if not 1 <= self.first <= MAX_PAGE:
            raise BadUserInput("first", f"first must be between 1 and {MAX_PAGE}.")


@dataclass(frozen=True)
class SortKey:
    """One column of a stable order, and how to read its value from a row. An order's last key must be unique."""

    column: ColumnElement[Any]
    read: Callable[[Any], str | int | date]
    descending: bool = False
    nullable: bool = False


@dataclass(frozen=True)
class Page(Generic[T]):
    """The rows of one page, each with its cursor, and whether there are rows around it."""

    rows: Sequence[T]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool

    def map(self, shown: Callable[[T], U]) -> "Page[U]":
        """The page with something else in the place of each row."""
        return Page([shown(row) for row in self.rows], self.cursors, self.has_next, self.has_previous)


def paginate(query: SelectT, keys: Sequence[SortKey], page_request: PageRequest) -> SelectT:
    """Orders a query by its keys and limits it to the page, plus one row that tells whether more follow.

    Raises BadUserInput for a cursor of another list.
    """
    order = [key.column.desc() if key.descending else key.column.asc() for key in keys]
    if page_request.after is not None:
        query = query.where(_behind(keys, position(page_request.after, keys)))
    return query.order_by(*order).limit(page_request.first + 1)


def page_of(rows: Sequence[RowT], keys: Sequence[SortKey], page_request: PageRequest) -> Page[RowT]:
    """The page made of the rows of a paginated query."""
    shown = rows[: page_request.first]
    cursors = [_encode([key.read(row) for key in keys]) for row in shown]
    return Page(shown, cursors, len(rows) > page_request.first, page_request.after is not None)


def _behind(keys: Sequence[SortKey], values: list[Any]) -> ColumnElement[bool]:
    """The rows after a position: (a > x) or (a = x and b > y) ..., each key in its direction."""
    alternatives = []
    for index, key in enumerate(keys):
        equal = [before.column == value for before, value in zip(keys[:index], values, strict=False)]
        beyond = key.column < values[index] if key.descending else key.column > values[index]
        alternatives.append(and_(*equal, beyond))
    if keys[0].nullable:
        return or_(*alternatives)
    # Redundant, but lets SQLite start in the middle of the index.
    first, value = keys[0], values[0]
    return and_(first.column <= value if first.descending else first.column >= value, or_(*alternatives))


def _encode(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def position(cursor: str, keys: Sequence[SortKey]) -> list[Any]:
    """The values of the keys that a cursor holds. Raises BadUserInput for a cursor of another list."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = msgspec.json.decode(text, type=list[str | Integer])
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise BadUserInput("after", "This is not a cursor of this list.") from error
    if [type(value) for value in values] != [key.column.type.python_type for key in keys]:
        raise BadUserInput("after", "This cursor belongs to a list in another order.")
    return values


@strawberry.federation.type(shareable=True, description="Where a page is in its list.")
class PageInfo:
    """Where a page is in its list."""

    has_next_page: bool = strawberry.field(description="Whether items come after this page.")
    has_previous_page: bool = strawberry.field(description="Whether items come before this page.")
    start_cursor: str | None = strawberry.field(description="The first item's cursor.")
    end_cursor: str | None = strawberry.field(
        description="The last item's cursor: pass it as `after` for the next page."
    )


@strawberry.type(description="One item of a list, with its cursor.")
class Edge(Generic[NodeT]):
    """One item of a list, with its cursor."""

    cursor: str = strawberry.field(description="Opaque. Pass it as `after` to get the items behind this one.")
    node: NodeT = strawberry.field(description="The item.")


@strawberry.type
class Connection(Generic[NodeT]):
    """One page of a list."""

    edges: list[Edge[NodeT]] = strawberry.field(description="The page's items in order.")
    page_info: PageInfo = strawberry.field(description="Where the page is in its list.")
    counter: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="How many items the whole list has.")
    async def total_count(self) -> int:
        return await self.counter()

    @classmethod
    def of(
        cls, page: Page[RowT], node: Callable[[RowT], NodeT], counter: Callable[[], Awaitable[int]], **further: Any
    ) -> Self:
        """The connection of a page. `node` turns a row into a node; `counter` runs only when totalCount is selected.

        `further` are the fields that this connection has beside the usual ones.
        """
        edges = [Edge(cursor=cursor, node=node(row)) for cursor, row in zip(page.cursors, page.rows, strict=True)]
        info = PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.cursors[0] if page.cursors else None,
            end_cursor=page.cursors[-1] if page.cursors else None,
        )
        return cls(edges=edges, page_info=info, counter=counter, **further)
