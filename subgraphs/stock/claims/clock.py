"""The database's clock, as far as a process knows it without asking."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

# Covers clocks that drift or are set between two measurements, and databases that round to milliseconds.
SLACK = timedelta(seconds=0.05)
GOOD_FOR_SECONDS = 5.0


@dataclass(frozen=True)
class TimeBounds:
    """The earliest and the latest that it can be now, by the database's clock."""

    earliest: datetime
    latest: datetime


class DatabaseClock:
    """Follows the database's clock: measured now and then, and carried on by the process's own clock."""

    def __init__(self) -> None:
        self._measured: datetime | None = None
        self._before = self._after = 0.0

    async def measure(self, ask: Callable[[], Awaitable[datetime]]) -> datetime:
        """Asks the database for its time, which it reads somewhere between the question and the answer."""
        before = time.monotonic()
        measured = await ask()
        self._measured, self._before, self._after = measured, before, time.monotonic()
        return measured

    def bounds(self) -> TimeBounds | None:
        """None until the clock has been measured, and when that was too long ago."""
        elapsed = time.monotonic() - self._before
        if self._measured is None or elapsed > GOOD_FOR_SECONDS:
            return None
        latest = self._measured + timedelta(seconds=elapsed)
        return TimeBounds(latest - timedelta(seconds=self._after - self._before) - SLACK, latest + SLACK)
