"""The database's clock, as far as a process knows it without asking."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

# For clocks that drift or are set between two measurements, and for a database that tells whole milliseconds.
SLACK = timedelta(seconds=0.05)
GOOD_FOR_SECONDS = 5.0


class DatabaseClock:
    """Measured again and again; between two measurements the process's own clock runs on."""

    def __init__(self) -> None:
        self._moment: datetime | None = None
        self._before = self._after = 0.0

    async def measure(self, ask: Callable[[], Awaitable[datetime]]) -> datetime:
        """`ask` asks the database for its time: that lies between the question and the answer."""
        before = time.monotonic()
        moment = await ask()
        self._moment, self._before, self._after = moment, before, time.monotonic()
        return moment

    def bounds(self) -> tuple[datetime, datetime] | None:
        """The earliest and the latest that it can be by the database's clock; None when that is not known."""
        elapsed = time.monotonic() - self._before
        if self._moment is None or elapsed > GOOD_FOR_SECONDS:
            return None
        latest = self._moment + timedelta(seconds=elapsed)
        return latest - timedelta(seconds=self._after - self._before) - SLACK, latest + SLACK
