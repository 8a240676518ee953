"""Where calls to SQLite and Valkey come from."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Protocol


class Place(Protocol):
    """Where calls are made: a process, or the world around it."""

    opened: list[Any]
    """Connections and cursors. When the process dies, they are closed."""

    def lateness(self, what: str) -> float:
        """How many seconds a call, or its answer, is on its way."""

    def sent(self) -> None:
        """Something has been sent to Valkey that others may wait for."""

    async def something_sent(self, patience: float) -> None:
        """Waits until somebody has sent such a thing, or for this long (seconds)."""

    def takes_over(self) -> bool:
        """Whether entries of a stream that another process has not acknowledged count as left behind."""


def close(opened: Sequence[Any]) -> None:
    """Closes connections as the end of a process does. An open cursor would keep its connection's transaction open."""
    for one in reversed(opened):
        with suppress(sqlite3.ProgrammingError):  # it is closed already
            if isinstance(one, sqlite3.Connection):
                one.rollback()
            one.close()
