"""A listener that does not read, over a real connection."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from subgraphs.contracts.stock import SaleNumbers
from subgraphs.live import listener as listening
from subgraphs.live.listener import Audience
from subgraphs.live.server import listening_socket

UNITS = 1_000_000
ENOUGH = 20_000
"""More events than the system keeps for a connection."""


def numbers(remaining: int) -> SaleNumbers:
    return SaleNumbers(found=True, version=f"OPEN-{remaining}", state="OPEN", remaining=remaining, units=UNITS)


class Connection(asyncio.Protocol):
    """The server's end."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()
        self.made: asyncio.Future[asyncio.Transport] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.made.set_result(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost.set()


@pytest.fixture
async def ends() -> AsyncIterator[tuple[Connection, socket.socket]]:
    """The server's and the client's end of a connection."""
    connection = Connection()
    server = await asyncio.get_running_loop().create_server(lambda: connection, sock=listening_socket("127.0.0.1", 0))
    async with server:
        with socket.create_connection(server.sockets[0].getsockname()) as client:
            yield connection, client


async def flood(audience: Audience, transport: asyncio.Transport) -> int:
    """Shows new numbers until they stay in this process. How many are left then."""
    for remaining in range(UNITS - 1, UNITS - ENOUGH, -1):
        audience.show(numbers(remaining))
        await asyncio.sleep(0)
        if transport.get_write_buffer_size():
            return remaining
    raise AssertionError("the system takes all")


async def test_of_what_it_does_not_read_one_event_is_kept_and_then_the_newest_is_sent(
    ends: tuple[Connection, socket.socket],
) -> None:
    connection, client = ends
    transport, audience = await connection.made, Audience(numbers(UNITS))
    audience.join(transport)
    left = await flood(audience, transport)
    for remaining in range(left, left - 1000, -1):
        audience.show(numbers(remaining))
        assert transport.get_write_buffer_size() < 200
    client.setblocking(False)
    loop, read = asyncio.get_running_loop(), b""
    newest = b"id: OPEN-%d\n" % (left - 999)
    async with asyncio.timeout(30):
        while newest not in read:
            audience.catch_up()
            read = read[-500:] + await loop.sock_recv(client, 65_536)


async def test_it_is_dropped_when_it_stays_late(
    ends: tuple[Connection, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, _ = ends
    transport, audience = await connection.made, Audience(numbers(UNITS))
    audience.join(transport)
    left = await flood(audience, transport)
    audience.show(numbers(left - 1))
    assert not transport.is_closing()
    monkeypatch.setattr(listening, "LATE_SECONDS", 0.0)
    audience.beat()
    async with asyncio.timeout(30):
        await connection.lost.wait()


async def test_who_reads_is_never_dropped(
    ends: tuple[Connection, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "LATE_SECONDS", 0.0)
    connection, client = ends
    transport, audience = await connection.made, Audience(numbers(UNITS))
    audience.join(transport)
    client.setblocking(False)
    for remaining in range(UNITS - 1, UNITS - 2000, -1):
        audience.show(numbers(remaining))
        assert b"data" in await asyncio.get_running_loop().sock_recv(client, 65_536)
    assert not transport.is_closing()
