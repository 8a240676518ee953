"""With many listeners to one flash sale, each of them sees that it is sold out."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import psutil

from perf.load import Call, allow_connections, drive, percentile
from perf.scenarios.rush import open_rush
from perf.world import World
from tests.clients import eventually
from tests.faults.store import FaultyStore

OPENED_AT_ONCE = 100
UNITS = 200
PATIENCE_SECONDS = 120


class Listener(asyncio.Protocol):
    """One of many. It remembers when it was first sent something, and when it saw the sale sold out."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._read = b""
        self.transport: asyncio.Transport | None = None
        self.events = 0
        self.sold_out_at = 0.0
        self.opened = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.events += data.count(b"event: sale")
        if self.events:
            self.opened.set()
        self._read = self._read[-200:] + data
        if not self.sold_out_at and b'"state":"SOLD_OUT"' in self._read:
            self.sold_out_at = time.perf_counter()

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None


async def test_all_of_many_listeners_see_a_sale_sell_out(world: World, many: int, faulty: FaultyStore) -> None:
    allow_connections(many)
    rush = await open_rush(world, UNITS, UNITS)
    live = faulty.children["live"]
    process, logged = psutil.Process(live.pid), len(live.log.read_text())
    before = process.memory_info().rss
    async with listeners(faulty, rush.sale_id, many) as audience:
        memory, used = process.memory_info().rss, cpu_seconds(process)
        answered_at: list[float] = []
        calls = [_timed(call, answered_at) for call in rush.calls(world.shoppers(UNITS))]
        measured = await drive(world.url, calls, UNITS)
        assert (measured.errors, len(rush.won)) == (0, UNITS)

        async def all_have_seen_it() -> bool:
            return all(listener.sold_out_at for listener in audience)

        await eventually(all_have_seen_it, PATIENCE_SECONDS)
        assert all(listener.transport for listener in audience)
        seen = sorted(listener.sold_out_at - max(answered_at) for listener in audience)
        print(
            f"\n  {many} listeners saw SOLD_OUT {percentile(seen, 50):.2f} s (half) and {seen[-1]:.2f} s (all) after the "
            "last unit's claim was answered; "
            f"{max(listener.events for listener in audience)} events each at most, "
            f"{cpu_seconds(process) - used:.2f} s of CPU; "
            f"{before / 1e6:.0f} MB before, {memory / 1e6:.0f} MB with them"
        )
    assert '"level": "error"' not in live.log.read_text()[logged:]


def _timed(call: Call, answered_at: list[float]) -> Call:
    """The call, which notes when it was answered."""

    def kind(answer: bytes) -> str:
        answered_at.append(time.perf_counter())
        return call.kind(answer)

    return replace(call, kind=kind)


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@asynccontextmanager
async def listeners(faulty: FaultyStore, sale_id: str, many: int) -> AsyncIterator[list[Listener]]:
    """So many listeners, each of which has been sent how the sale stands."""
    port = faulty.store.settings.live_port
    request = f"GET /sales/{sale_id}/live HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n".encode()
    audience = [Listener(request) for _ in range(many)]
    loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(OPENED_AT_ONCE)

    async def open_one(listener: Listener) -> None:
        async with gate:
            await loop.create_connection(lambda: listener, "127.0.0.1", port)
            await listener.opened.wait()

    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*[open_one(listener) for listener in audience])
        yield audience
    finally:
        for listener in audience:
            if listener.transport is not None:
                listener.transport.abort()
