"""Walks over the pages of sorted lists, compared with the sorted list itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Connection,
    Date,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    create_engine,
    insert,
    select,
    type_coerce,
)
from sqlalchemy.pool import StaticPool

from subgraphs.kit.graphql.paging import PageRequest, SortKey, page_of, paginate
from subgraphs.product.lists.statements import ReleaseDay

ITEMS = Table(
    "items",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("text", String, nullable=False),
    Column("day", Date),
)
ID = SortKey(ITEMS.c.id, lambda row: int(row.id))
ID_DOWN = SortKey(ITEMS.c.id, lambda row: int(row.id), descending=True)
NUMBER = SortKey(ITEMS.c.number, lambda row: int(row.number))
NUMBER_DOWN = SortKey(ITEMS.c.number, lambda row: int(row.number), descending=True)
TEXT = SortKey(ITEMS.c.text, lambda row: str(row.text))
DAY_DOWN = SortKey(type_coerce(ITEMS.c.day, ReleaseDay()), lambda row: row.day or "", descending=True, nullable=True)


@dataclass(frozen=True)
class Order:
    """The keys of an order, and the same order as Python sorts it."""

    keys: Sequence[SortKey]
    place: Callable[[Any], tuple[Any, ...]]


ORDERS = [
    Order([ID], lambda row: (row.id,)),
    Order([ID_DOWN], lambda row: (-row.id,)),
    Order([NUMBER, ID], lambda row: (row.number, row.id)),
    Order([NUMBER_DOWN, ID_DOWN], lambda row: (-row.number, -row.id)),
    Order([NUMBER_DOWN, ID], lambda row: (-row.number, row.id)),
    Order([TEXT, NUMBER_DOWN, ID], lambda row: (row.text, -row.number, row.id)),
    Order([DAY_DOWN, ID_DOWN], lambda row: (-row.day.toordinal() if row.day else 0, -row.id)),
]
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.integers(-2, 2) | st.integers(-(2**62), 2**62),
            "text": st.text("aAbé0 ", max_size=2),
            "day": st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 3)) | st.dates(),
        }
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def items() -> Iterator[Connection]:
    """An empty table in memory."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        ITEMS.create(connection)
        connection.commit()
        yield connection
    engine.dispose()


@pytest.mark.parametrize("order", ORDERS)
@settings(max_examples=30)
@given(rows=ROWS, size=st.integers(1, 6))
def test_a_walk_visits_each_row_once_and_in_order(
    items: Connection, order: Order, rows: list[dict[str, Any]], size: int
) -> None:
    with items.begin() as transaction:
        stored = _fill(items, rows)
        expected = sorted(stored, key=order.place)
        assert _walk(items, order.keys, size) == expected
        transaction.rollback()


@pytest.mark.parametrize("order", ORDERS)
@settings(max_examples=30)
@given(rows=ROWS, data=st.data())
def test_a_walk_goes_on_behind_any_row_also_when_that_was_deleted(
    items: Connection, order: Order, rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    with items.begin() as transaction:
        expected = sorted(_fill(items, rows), key=order.place)
        cursors = page_of(expected, order.keys, PageRequest(100)).cursors
        place = data.draw(st.integers(0, len(expected) - 1)) if expected else None
        if place is not None:
            items.execute(ITEMS.delete().where(ITEMS.c.id == expected[place].id))
            assert _walk(items, order.keys, 100, cursors[place]) == expected[place + 1 :]
        transaction.rollback()


def _fill(items: Connection, rows: list[dict[str, Any]]) -> Sequence[Row[Any]]:
    if rows:
        items.execute(insert(ITEMS), rows)
    return items.execute(select(ITEMS)).all()


def _walk(items: Connection, keys: Sequence[SortKey], size: int, after: str | None = None) -> list[Row[Any]]:
    """The rows of all pages after a cursor."""
    walked: list[Row[Any]] = []
    total = len(items.execute(select(ITEMS)).all())
    while True:
        request = PageRequest(size, after)
        page = page_of(items.execute(paginate(select(ITEMS), keys, request)).all(), keys, request)
        walked += page.rows
        assert page.has_previous is (after is not None)
        assert len(walked) <= total, "a walk that visits rows twice need not end"
        if not page.has_next:
            return walked
        assert len(page.rows) == size
        after = page.cursors[-1]
