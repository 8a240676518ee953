"""Closed and open loops, against a server that answers its first request late."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from perf.load import Call, Measurement, body, drive

PAUSE = 0.5
"""Seconds that the first request takes."""
RATE = 20.0
CALLS = 5


class SlowAtFirst:
    """A server that answers one request at a time, the first after a pause."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self._turn = asyncio.Lock()

    async def answer(self, request: web.Request) -> web.Response:
        sent = await request.read()
        if b"__typename" in sent:  # a connection that is opened
            return web.Response(text="{}")
        async with self._turn:
            self.seen.append(sent)
            if len(self.seen) == 1:
                await asyncio.sleep(PAUSE)
        return web.Response(text='{"data": {}}')


@pytest.fixture
async def slow() -> AsyncIterator[tuple[SlowAtFirst, str]]:
    server = SlowAtFirst()
    app = web.Application()
    app.router.add_post("/graphql", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield server, f"http://127.0.0.1:{runner.addresses[0][1]}/graphql"
    await runner.cleanup()


def _calls(count: int = CALLS) -> list[Call]:
    return [Call("token", body("{ n }", {"n": n}), lambda answer: "ok") for n in range(count)]


async def test_an_open_loop_counts_the_wait_for_a_connection(slow: tuple[SlowAtFirst, str]) -> None:
    _, url = slow
    measured = await drive(url, _calls(), connections=1, rate=RATE)
    latencies = measured.latencies["ok"]
    # The n-th call was due n / RATE seconds after the first, and none was answered before the first.
    assert [latency >= PAUSE - number / RATE - 0.01 for number, latency in enumerate(latencies)] == [True] * CALLS


async def test_an_open_loop_sends_nothing_before_it_is_due(slow: tuple[SlowAtFirst, str]) -> None:
    _, url = slow
    measured = await drive(url, _calls(), connections=CALLS, rate=RATE)
    assert measured.count == CALLS
    assert measured.seconds >= (CALLS - 1) / RATE


async def test_a_closed_loop_counts_from_the_sending(slow: tuple[SlowAtFirst, str]) -> None:
    server, url = slow
    measured = await drive(url, _calls(), connections=1)
    latencies = measured.latencies["ok"]
    assert latencies[0] >= PAUSE - 0.01
    assert sum(latencies) <= measured.seconds + 0.01, "one connection waits for one answer at a time"
    assert len(set(server.seen)) == CALLS


async def test_a_server_that_is_not_there_is_an_error_for_each_call() -> None:
    measured = await drive("http://127.0.0.1:1/graphql", _calls(2), connections=2)
    assert measured.errors == 2
    assert "127.0.0.1" in measured.samples[0]


def test_a_row_has_percentiles_in_milliseconds() -> None:
    measured = Measurement(2.0, {"paid": [n / 1000 for n in range(1, 101)], "error": [0.5]})
    row = measured.row("pay")
    assert (row["answers"], row["per second"], row["errors"]) == (101, 50.5, 1)
    assert (row["p50"], row["p95"], row["p99"], row["max"]) == (51.0, 96.0, 100.0, 500.0)
    assert measured.row("paid", ["paid"])["max"] == 100.0
    assert measured.row("lost", ["lost"])["p50"] is None
