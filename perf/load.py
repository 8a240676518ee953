"""The load: GraphQL requests over connections that are open from the start, in a closed or an open loop."""

import asyncio
import json
import resource
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

REQUEST_SECONDS = 120
MAX_OPENING = 64


@dataclass(frozen=True)
class Call:
    """A GraphQL request to send, and the function that tells what kind of answer came."""

    token: str
    body: bytes
    kind: Callable[[bytes], str]
    """Classifies an answer, for example as "PAID" or "SoldOut"; a wrong answer is an "error"."""
    sent: Callable[[], None] = lambda: None
    """Is told when the request is sent."""


@dataclass
class Measurement:
    """The result of one run: latencies in seconds, by kind of answer."""

    seconds: float = 0.0
    latencies: dict[str, list[float]] = field(default_factory=dict)
    ended_at: list[tuple[float, str]] = field(default_factory=list)
    """When each answer came (seconds from the start), and its kind."""
    samples: list[str] = field(default_factory=list)
    """The first wrong answers, three at most."""

    @property
    def count(self) -> int:
        return sum(len(values) for values in self.latencies.values())

    @property
    def errors(self) -> int:
        return len(self.latencies.get("error", []))

    def sorted_latencies(self, kinds: Iterable[str] = ()) -> list[float]:
        """Seconds, ascending: of all answers, or of those of some kinds."""
        return sorted(value for kind in kinds or self.latencies for value in self.latencies.get(kind, []))

    def row(self, name: str, kinds: Sequence[str] = ()) -> dict[str, Any]:
        """A table row about all answers, or about those of some kinds; times in milliseconds."""
        values = self.sorted_latencies(kinds)
        return {
            "run": name,
            "answers": len(values),
            "per second": round(len(values) / self.seconds, 1) if self.seconds else 0.0,
            **{f"p{percent}": _ms(percentile(values, percent)) for percent in (50, 95, 99)},
            "max": _ms(values[-1]) if values else None,
            "errors": self.errors,
        }


async def drive(url: str, calls: Sequence[Call], connections: int, rate: float = 0) -> Measurement:
    """Sends the calls over open connections, each of which carries one call at a time.

    Without a `rate`, the loop is closed: a connection sends its next call when the last is answered. With a `rate`,
    it is open: calls fall due on a clock, so many a second, and a latency counts from the moment a call was due, even
    where no connection was free to send it. A closed loop asks less of a slow store, and so hides its queue.
    """
    waiting, result = iter(enumerate(calls)), Measurement()
    async with _connections(url, min(connections, len(calls))) as sessions:
        started = time.perf_counter()

        async def send_all(http: aiohttp.ClientSession) -> None:
            for number, call in waiting:
                due = started + number / rate if rate else time.perf_counter()
                await _until(due)
                kind, answer = await _send(http, url, call)
                ended = time.perf_counter()
                result.latencies.setdefault(kind, []).append(ended - due)
                result.ended_at.append((ended - started, kind))
                if kind == "error" and len(result.samples) < 3:
                    result.samples.append(answer)

        await asyncio.gather(*[send_all(http) for http in sessions])
        result.seconds = time.perf_counter() - started
    return result


async def _until(moment: float) -> None:
    pause = moment - time.perf_counter()
    if pause > 0:
        await asyncio.sleep(pause)


@asynccontextmanager
async def _connections(url: str, count: int) -> AsyncIterator[list[aiohttp.ClientSession]]:
    """Sessions of one open connection each.

    Opens a few at a time: the router's listener queues 128 new connections. When that queue is full, the kernel
    retries after 1, 3, 7 ... seconds, and the run would measure those delays instead of the store.
    """
    allow_connections(count)
    timeout, cookies = aiohttp.ClientTimeout(total=REQUEST_SECONDS), aiohttp.DummyCookieJar()
    gate = asyncio.Semaphore(MAX_OPENING)
    sessions = [
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=1, keepalive_timeout=60), timeout=timeout, cookie_jar=cookies
        )
        for _ in range(count)
    ]

    async def open_connection(http: aiohttp.ClientSession) -> None:
        # Ignore a router that is down: the first call then opens the connection, or counts as an error.
        async with gate:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with http.post(url, json={"query": "{ __typename }"}) as response:
                    await response.read()

    try:
        await asyncio.gather(*[open_connection(http) for http in sessions])
        yield sessions
    finally:
        await asyncio.gather(*[http.close() for http in sessions])


async def _send(http: aiohttp.ClientSession, url: str, call: Call) -> tuple[str, str]:
    headers = {"content-type": "application/json", "authorization": f"Bearer {call.token}"}
    call.sent()
    try:
        async with http.post(url, data=call.body, headers=headers) as response:
            answer = await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        return "error", repr(error)
    return call.kind(answer), answer.decode(errors="replace")[:300]


def body(query: str, variables: dict[str, Any]) -> bytes:
    """The body of a GraphQL request."""
    return json.dumps({"query": query, "variables": variables}).encode()


def allow_connections(count: int) -> None:
    """Raises this process's limit of open files to what `count` connections need. Exits where that is not allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, count + 1000)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise SystemExit(f"{count} connections need {wanted} open files; this machine allows {hard} (ulimit -Hn).")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The value below which `percent` % of the values lie, which are in ascending order; None without values."""
    return values[min(len(values) - 1, int(len(values) * percent / 100))] if values else None


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
