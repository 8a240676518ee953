"""A store on each arrangement of Redis servers."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import aiohttp
import pytest

from perf.world import World
from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.user.tokens import Signer
from tests.clients import Client, Games, Metrics, SubgraphClient, Viewers
from tests.clusters.redis.arrangements import PROGRAMS, cluster, sentinels
from tests.clusters.redis.nodes import Arrangement
from tests.faults.store import UNHURRIED, FaultyStore, faulty_store
from tests.ports import reserved_ports
from tests.shop import Shop

ARRANGEMENTS = {"sentinels": sentinels, "cluster": cluster}
CLIENT_SECONDS = 30
LOSSES = "killed", "cut off"
"""How a primary is lost: a process that is killed, or one that is frozen, whose connections stay open in silence."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "loss" in metafunc.fixturenames:
        rounds = max(1, metafunc.config.getoption("--rounds", 0))
        losses = [(loss, number) for number in range(1, rounds + 1) for loss in LOSSES]
        names = [f"{loss.replace(' ', '-')}-{number}" for loss, number in losses]
        metafunc.parametrize("loss", [loss for loss, _ in losses], ids=names)


@dataclass
class RunningOnRedis:
    """A running store, and the Redis servers that it uses."""

    own: FaultyStore
    redis: Arrangement


@pytest.fixture(scope="package", params=ARRANGEMENTS)
def stand(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningOnRedis]:
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        pytest.skip(f"{' and '.join(missing)} are not installed (apt install redis-server)")
    folder, state = (tmp_path_factory.mktemp(f"{request.param}-{what}") for what in ("redis", "store"))
    with (
        reserved_ports() as ports,
        ARRANGEMENTS[request.param](folder, ports) as servers,
        faulty_store("embedded", state, UNHURRIED, redis_url=servers.url) as own,
    ):
        yield RunningOnRedis(own, servers)


@pytest.fixture
async def healed(stand: RunningOnRedis) -> Arrangement:
    """The servers, all of which are there when a test begins."""
    await stand.redis.heal()
    return stand.redis


@pytest.fixture
async def signer(stand: RunningOnRedis) -> Signer:
    return await stand.own.signer()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=CLIENT_SECONDS)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:
        yield session


@pytest.fixture
async def world(stand: RunningOnRedis, signer: Signer) -> AsyncIterator[World]:
    databases = {name: Database(stand.own.settings.database_of(name), 2) for name in SUBGRAPHS}
    yield World(stand.own.store.settings, stand.own.settings, databases, signer)
    for database in databases.values():
        await database.close()


@pytest.fixture
def metrics(stand: RunningOnRedis, http: aiohttp.ClientSession) -> Metrics:
    return Metrics(http, stand.own.store.settings)


@pytest.fixture
async def shop(stand: RunningOnRedis, signer: Signer, http: aiohttp.ClientSession) -> Shop:
    settings, viewers = stand.own.store.settings, Viewers(signer)
    product = SubgraphClient(http, f"{settings.base_url_of('product')}/graphql", settings.secrets())
    games = Games(product, await viewers.developer())
    return Shop(Client(http, settings.graphql_url, {}), viewers, games)
