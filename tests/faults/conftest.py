"""The options and fixtures of fault injection."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from perf.world import World
from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.user.tokens import Signer
from tests.clients import Client, Viewers
from tests.faults.schedule import schedule
from tests.faults.shop import RetryingClient, Shelf
from tests.faults.store import FaultyStore, faulty_store
from tests.histories.recorder import Recording, RecordingClient

CLIENT_SECONDS = 10
FAULTS = 12
"""One fault of each kind."""
MANY = 500


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults", type=int, default=FAULTS, help="number of faults to inject")
    parser.addoption("--fault-seed", type=int, default=1, help="seed that selects and orders the faults")
    parser.addoption("--many", type=int, default=MANY, help="number of concurrent payments or claims")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "batch" in metafunc.fixturenames:
        # Pytest registers this folder's options only if the folder is on its command line.
        count, seed = metafunc.config.getoption("--faults", FAULTS), metafunc.config.getoption("--fault-seed", 1)
        batches = schedule(seed, count, metafunc.config.getoption("--engine") == "servers")
        metafunc.parametrize("batch", batches, ids=[f"seed{seed}-{number}" for number in range(len(batches))])


@pytest.fixture(scope="package")
def faulty(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyStore]:
    with faulty_store(engine, tmp_path_factory.mktemp("faulty")) as store:
        yield store


@pytest.fixture(scope="package")
async def signer(faulty: FaultyStore) -> Signer:
    return await faulty.signer()


@pytest.fixture(scope="package")
def recording() -> Recording:
    """What all customers ask and are answered."""
    return Recording()


@pytest.fixture(scope="package")
async def shelf(faulty: FaultyStore, signer: Signer, recording: Recording) -> AsyncIterator[Shelf]:
    connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=CLIENT_SECONDS)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        line = RetryingClient(RecordingClient(Client(http, faulty.store.settings.graphql_url, {}), recording))
        shelf = Shelf(line, await Viewers(signer).developer())
        await shelf.stock_up()
        yield shelf


@pytest.fixture
def many(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--many", MANY))


@pytest.fixture
async def world(faulty: FaultyStore, signer: Signer) -> AsyncIterator[World]:
    databases = {name: Database(faulty.settings.database_of(name), 4) for name in SUBGRAPHS}
    yield World(faulty.store.settings, faulty.settings, databases, signer)
    for database in databases.values():
        await database.close()
