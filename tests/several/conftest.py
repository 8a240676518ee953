"""One store of two instances each, for all tests of this folder."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import cast

import aiohttp
import pytest

from tests.clients import Viewers
from tests.faults.load import Load
from tests.faults.shop import RetryingClient, Shelf
from tests.faults.verification import verify
from tests.haproxy import HAPROXY
from tests.own_store import QUICK, OwnStore, own_store
from tests.ports import reserved_ports
from tests.several.load import WatchedClient
from tests.several.store import Several

CLIENT_SECONDS = 60
SHOPPERS = 3
LIVELY = {
    **QUICK,
    "STEAMPUNK_PAYMENT_LIFETIME": "4",
    "STEAMPUNK_CLAIM_LIFETIME": "6",
    "STEAMPUNK_CLAIM_RATE": "1000",
    "STEAMPUNK_REFRESH_RATE": "1000",
}
"""Sweepers and expiry have work to do, and no limit refuses a request."""


@dataclass
class Running(OwnStore):
    """The running instances."""

    several: Several = field(init=False)

    def __post_init__(self) -> None:
        self.several = cast(Several, self.store)


@pytest.fixture(scope="package")
def running_several(engine: str, mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    if engine == "embedded":
        pytest.skip("machines cannot share SQLite")
    if HAPROXY is None:
        pytest.skip("HAProxy is not installed (apt install haproxy)")
    state = tmp_path_factory.mktemp("several")
    with reserved_ports() as ports, reserved_ports() as more:
        make = partial(Several, [*ports, *more])
        with own_store(engine, state, LIVELY, f"{mariadb_url}_several", make=make) as own:
            yield Running(own.store, own.settings, own.servers)


class Shoppers:
    """Shoppers at the routers, each of whose requests is watched."""

    def __init__(self, client: WatchedClient, viewers: Viewers, store: Running, shelf: Shelf, load: Load) -> None:
        self.client = client
        self.viewers = viewers
        self._store = store
        self._shelf = shelf
        self._load = load

    @asynccontextmanager
    async def shopping(self) -> AsyncIterator[None]:
        """Shoppers shop during the block. Afterwards the auditor is content, and each journal is what the store says."""
        self._load.start()
        try:
            yield
        finally:
            await self._load.stop()
        await verify(self._store, self._shelf, self._load.customers)


@pytest.fixture
async def shoppers(running_several: Running) -> AsyncIterator[Shoppers]:
    connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=CLIENT_SECONDS)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        client, viewers = (
            WatchedClient(http, running_several.store.settings.graphql_url),
            Viewers(await running_several.signer()),
        )
        line = RetryingClient(client)
        shelf = Shelf(line, await viewers.developer())
        await shelf.stock_up()
        yield Shoppers(client, viewers, running_several, shelf, Load(line, shelf, viewers, Random(1), SHOPPERS))
