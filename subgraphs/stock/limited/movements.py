"""Units that move between counters: one statement for any number of rows."""

from typing import Any

from sqlalchemy import Update, case, update
from sqlalchemy.orm import InstrumentedAttribute

from subgraphs.stock.domain import StockMovements


def shifted(table: type[Any], key: InstrumentedAttribute[str], shifts: StockMovements) -> Update:
    """Adds to the counters of many rows at once; the tables' checks keep every counter from going below 0."""
    values = {}
    for name in ("remaining", "held", "sold"):
        change = {of: counts[name] for of, counts in shifts.by_id.items() if counts[name]}
        if change:
            values[name] = getattr(table, name) + case(change, value=key, else_=0)
    return update(table).where(key.in_(list(shifts.by_id))).values(values)
