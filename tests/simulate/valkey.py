"""Valkey without waiting: the real one, which is asked and answers at once.

Its own clock is not the simulation's: what depends on it does not expire within a schedule.
"""

import asyncio
import socket
from collections.abc import Iterable
from typing import Any

import hiredis
from redis.asyncio import Connection, ConnectionPool, Redis

from tests.simulate.place import Place

READ_BYTES = 65536
NEVER_MILLISECONDS = 1_000_000_000


class Wire:
    """A connection to Valkey in the clothes of asyncio's streams: commands are sent, and answered, all at once."""

    def __init__(self, place: Place, path: str) -> None:
        self._place = place
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._sending: list[bytes] = []
        self._buffer = b""
        place.opened.append(self._socket)

    def writelines(self, data: Iterable[bytes]) -> None:
        self._sending.extend(data)

    async def drain(self) -> None:
        if seconds := self._place.lateness("redis"):
            await asyncio.sleep(seconds)
        data = b"".join(self._sending)
        self._sending.clear()
        self._socket.sendall(data)
        self._buffer += self._answers(_messages(data))
        if b"XADD" in data:
            self._place.sent()

    def _answers(self, count: int) -> bytes:
        """This many answers. They may come in any number of pieces, on which nothing must depend."""
        answers = b""
        while _messages(answers) < count:
            answers += self._socket.recv(READ_BYTES)
        return answers

    async def read(self, size: int) -> bytes:
        await asyncio.sleep(self._place.lateness("answer of redis"))
        read, self._buffer = self._buffer[:size], self._buffer[size:]
        return read

    def at_eof(self) -> bool:
        return self._socket.fileno() < 0

    def close(self) -> None:
        self._socket.close()

    async def wait_closed(self) -> None:
        """It is closed at once."""


def _messages(data: bytes) -> int:
    """How many messages of Redis's protocol there are, commands or answers."""
    reader = hiredis.Reader(notEnoughData=Ellipsis)
    reader.feed(data)
    return sum(1 for _ in iter(reader.gets, Ellipsis))


class InlineConnection(Connection):
    """A connection to Valkey by a `Wire`."""

    def __init__(self, *, place: Place, path: str, **options: Any) -> None:
        super().__init__(**options)
        self._place, self._path = place, path

    async def _connect(self) -> None:
        wire: Any = Wire(self._place, self._path)
        self._reader = self._writer = wire


class InlineRedis(Redis):
    """A client for which waiting takes simulated time."""

    def __init__(self, place: Place, path: str) -> None:
        options: dict[str, Any] = {"decode_responses": True, "protocol": 2, "driver_info": None}
        pool = ConnectionPool(connection_class=InlineConnection, place=place, path=path, **options)
        super().__init__(connection_pool=pool)
        self._place = place

    async def xreadgroup(self, *arguments: Any, block: int, **options: Any) -> Any:  # type: ignore[override]
        """Waits in place of Valkey."""
        if answer := await super().xreadgroup(*arguments, **options):
            return answer
        await self._place.something_sent(block / 1000)
        return await super().xreadgroup(*arguments, **options)

    async def xautoclaim(  # type: ignore[override]
        self, name: str, group: str, consumer: str, *, min_idle_time: int, **options: Any
    ) -> Any:
        """Valkey's own clock stands still in the simulation: whether an entry has been idle long enough is chosen."""
        idle = 0 if self._place.takes_over() else NEVER_MILLISECONDS
        return await super().xautoclaim(name, group, consumer, idle, **options)
