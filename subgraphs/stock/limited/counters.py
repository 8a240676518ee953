"""The counters of units, which limited stocks and flash sales both have."""

from typing import Any

from sqlalchemy import Update, case, update
from sqlalchemy.orm import InstrumentedAttribute

from subgraphs.stock.limited.domain import Place, StockMovements

PLACES: tuple[Place, ...] = ("remaining", "held", "sold")


def apply_movements(table: type[Any], key: InstrumentedAttribute[str], movements: StockMovements) -> Update:
    """Updates the counters of any number of rows in one statement.

    The tables' checks keep every counter from falling below 0.
    """
    values = {}
    for place in PLACES:
        added = {owner: change[place] for owner, change in movements.changes.items() if change[place]}
        if added:
            values[place] = getattr(table, place) + case(added, value=key, else_=0)
    return update(table).where(key.in_(list(movements.changes))).values(values)
