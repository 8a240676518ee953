"""The database's clock: its time lies within the bounds, which are known for a while only."""

from datetime import datetime

import pytest

from subgraphs.stock.claims.clock import DatabaseClock
from tests.unit.stock.values import at


async def test_the_bounds_hold_the_databases_time_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, ticks = DatabaseClock(), [100.0]
    monkeypatch.setattr("subgraphs.stock.claims.clock.time.monotonic", lambda: ticks[0])
    assert clock.bounds() is None

    async def slow() -> datetime:
        ticks[0] += 0.2
        return at(0)

    await clock.measure(slow)
    ticks[0] += 1
    bounds = clock.bounds()
    assert bounds is not None
    assert bounds.earliest < at(1) < at(1.2) < bounds.latest
    assert (bounds.latest - bounds.earliest).total_seconds() < 0.4
    ticks[0] += 5
    assert clock.bounds() is None
