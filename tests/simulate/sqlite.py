"""SQLite without threads: the real one, called in its turn and answered when it is time.

A call blocks the whole simulation until it is done. Then a choice says how long its caller waits for the answer.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from tests.simulate.clocks import Clock
from tests.simulate.place import Place

BUSY_SECONDS = 0.05
"""The pause between two attempts to lock a database that another connection has locked."""
BUSY_ATTEMPTS = 600
IN_MEMORY = frozenset({"cursor", "fetchone", "fetchmany", "fetchall", "close", "set_iso", "close_and_stop"})
"""Calls of a connection or of a cursor that has its rows: nothing that others do comes between."""
Call = tuple[asyncio.Future[Any] | None, Callable[[], Any]]


class InlineCalls:
    """The queue between a connection of aiosqlite and its thread, without the thread: calls are carried out here."""

    def __init__(self, place: Place, clock: Clock) -> None:
        self._place = place
        self._clock = clock
        self._waiting: deque[Call] = deque()

    def put_nowait(self, call: Call) -> None:
        self._waiting.append(call)
        if len(self._waiting) == 1:
            self._begin()

    def _begin(self) -> None:
        """Carries the first call out: at once if it does not reach the database, else when it is its turn."""
        _, function = self._waiting[0]
        if getattr(getattr(function, "func", function), "__name__", "") in IN_MEMORY:
            self._carry_out(BUSY_ATTEMPTS)
        else:
            asyncio.get_running_loop().call_later(self._place.lateness("sql"), self._carry_out, BUSY_ATTEMPTS)

    def _carry_out(self, attempts: int) -> None:
        future, function = self._waiting[0]
        try:
            result = function()
        except sqlite3.OperationalError as error:
            if attempts and "locked" in str(error):
                asyncio.get_running_loop().call_later(BUSY_SECONDS, self._carry_out, attempts - 1)
                return
            _settle(future, error=error)
        except Exception as error:
            _settle(future, error=error)
        else:
            if isinstance(result, sqlite3.Connection):
                self._prepare(result)
            if isinstance(result, sqlite3.Connection | sqlite3.Cursor):
                self._place.opened.append(result)
            self._answer(future, result)
        self._waiting.popleft()
        if self._waiting:
            self._begin()

    def _answer(self, future: asyncio.Future[Any] | None, result: Any) -> None:
        seconds = self._place.lateness("answer of sql") if future else 0
        if seconds:
            asyncio.get_running_loop().call_later(seconds, _settle, future, result)
        else:
            _settle(future, result)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA busy_timeout=0")
        connection.create_function("strftime", 2, self._clock.strftime)


class NoThread:
    """What aiosqlite takes for its thread."""

    def __init__(self, **_: object) -> None:
        self.daemon = True

    def start(self) -> None:
        """There is nothing to start."""


def _settle(future: asyncio.Future[Any] | None, result: Any = None, error: Exception | None = None) -> None:
    if future is None or future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


@contextmanager
def without_threads(place: Callable[[], Place], clock: Clock) -> Iterator[None]:
    """While it lasts, connections of aiosqlite are opened in the place that is current then."""
    with (
        patch("aiosqlite.core.SimpleQueue", lambda: InlineCalls(place(), clock)),
        patch("aiosqlite.core.Thread", NoThread),
    ):
        yield
