"""A long past: users who have each bought points and then a game, put into MariaDB's databases in bulk.

It has the rows that such purchases leave once their events are confirmed, so the auditor finds nothing wrong.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, insert, literal, literal_column, select, text

from perf.past_rows import ROWS
from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import Database

SPAN = timedelta(days=5)
"""How long the past lasted. Inbox rows are kept for longer, so none of them is pruned."""
PURCHASES_PER_TRANSACTION = 20_000
IDS = {name: f"{digit:x}" for digit, name in enumerate(("user", "order", "payment", "event", "game", "top_up"), 10)}


async def put_past(databases: Mapping[str, Database], purchases: int, products: Sequence[str]) -> None:
    """Adds so many users with one purchase each, evenly spread over the last days and over the products."""
    async with databases["payment"].reading() as session:
        now = await session.scalar(select(utc_now()))
    assert now is not None
    each = _each(now - SPAN, SPAN / purchases, products)
    await asyncio.gather(*[_put(databases[name], name, each, purchases) for name in ROWS])


async def _put(database: Database, subgraph: str, each: Sequence[ColumnElement[Any]], purchases: int) -> None:
    for first in range(1, purchases + 1, PURCHASES_PER_TRANSACTION):
        last = min(purchases, first + PURCHASES_PER_TRANSACTION - 1)
        numbered = select(*each).select_from(text(f"seq_{first}_to_{last}")).subquery("purchase")
        async with database.transaction() as session:
            for table, columns in ROWS[subgraph](numbered.c):
                values = [value if isinstance(value, ColumnElement) else literal(value) for value in columns.values()]
                rows = select(*values).select_from(numbered)
                await session.execute(insert(table).from_select(list(columns), rows))


def _each(since: datetime, every: timedelta, products: Sequence[str]) -> list[ColumnElement[Any]]:
    """What tells purchases apart, for each number of MariaDB's Sequence engine: number, at, product_id, and ids."""
    passed = f"seq * {every // timedelta(microseconds=1)}"
    at = f"TIMESTAMP'{since:%Y-%m-%d %H:%M:%S.%f}' + INTERVAL {passed} MICROSECOND"
    # Like all ids of the store, they begin with their time in milliseconds.
    time = f"LPAD(LOWER(HEX({int(since.timestamp() * 1000)} + {passed} DIV 1000)), 12, '0')"
    number = "LPAD(LOWER(HEX(seq)), 11, '0')"
    ids = {name: f"INSERT(CONCAT({time}, '-7000-8000-{digit}', {number}), 9, 0, '-')" for name, digit in IDS.items()}
    product = func.elt(func.mod(literal_column("seq"), len(products)) + 1, *products)
    return [
        literal_column("seq").label("number"),
        literal_column(at).label("at"),
        product.label("product_id"),
        *[literal_column(sql).label(f"{name}_id") for name, sql in ids.items()],
    ]
