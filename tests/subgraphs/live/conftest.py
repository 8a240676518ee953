"""Listens to the live numbers of flash sales."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
import pytest
from redis.asyncio import Redis

from subgraphs.store.forked import Live
from subgraphs.store.processes import answers
from tests.clients import Games, SubgraphClient
from tests.own_store import OwnStore
from tests.ports import reserved_ports
from tests.subgraphs.stock.conftest import StockDriver

PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Event:
    """An event of a stream."""

    id: str
    data: dict[str, Any]


class Stream:
    """The events that one listener gets."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self) -> Event:
        """The next event, which must come."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                line = (await self._response.content.readuntil(b"\n")).decode().rstrip("\n")
                if not line and "data" in fields:
                    assert fields["event"] == "sale"
                    return Event(fields["id"], msgspec.json.decode(fields["data"]))
                name, _, value = line.partition(": ")
                fields[name] = value

    async def until(self, version: str) -> list[Event]:
        """The events up to the one with this id."""
        events = [await self.next()]
        while events[-1].id != version:
            events.append(await self.next())
        return events


class Radio:
    """The program at one address."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http = http
        self.url = url

    def address(self, sale: str) -> str:
        return f"{self.url}/sales/{sale}/live"

    @asynccontextmanager
    async def listening(self, sale: str, **headers: str) -> AsyncIterator[Stream]:
        """A stream, which is open within the block."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        timeout = aiohttp.ClientTimeout(total=None)
        async with self.http.get(self.address(sale), headers=sent, timeout=timeout) as response:
            assert (response.status, response.content_type) == (200, "text/event-stream")
            yield Stream(response)
            response.close()

    async def status(self, sale: str) -> int:
        """The status of an answer that is no stream, or of a stream that is left at once."""
        async with self.http.get(self.address(sale)) as response:
            response.close()
            return response.status


@pytest.fixture(scope="session")
def driver(stock: SubgraphClient, games: Games, sql: Any, publish: Any, redis: Redis) -> StockDriver:
    return StockDriver(stock, games, sql, publish, redis)


@pytest.fixture(scope="session")
def radio(running: OwnStore, http: aiohttp.ClientSession) -> Radio:
    return Radio(http, running.store.settings.live_url)


@pytest.fixture
def another(running: OwnStore, http: aiohttp.ClientSession) -> Callable[..., Any]:
    """Starts the program once more, with other settings; gives it and its process."""

    @contextmanager
    def start(**environment: str) -> Iterator[tuple[Radio, Live]]:
        settings = running.store.settings
        with reserved_ports() as ports:
            child = Live(ports[0], {**settings.environment(), **environment}, settings.state / "logs-live-2")
            url = f"http://127.0.0.1:{ports[0]}"
            try:
                child.wait_until(lambda: answers(f"{url}/health"), 60)
                yield Radio(http, url), child
            finally:
                child.stop()

    return start
