"""A store of its own, in which nothing expires meanwhile, and a shop in front of it."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from perf.world import World
from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.user.tokens import Signer
from tests.clients import Client, Games, Viewers
from tests.faults.store import UNHURRIED, FaultyStore, faulty_store
from tests.own_writes.sequences import SEQUENCES
from tests.shop import Shop

TROUBLES = 3
FEW = TROUBLES * len(SEQUENCES)
"""Each sequence once in each trouble."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sequences", type=int, default=FEW, help="how many sequences of own writes and reads")


@pytest.fixture(scope="package")
def faulty(engine: str, mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyStore]:
    url = mariadb_url and f"{mariadb_url}_own_writes"
    with faulty_store(engine, tmp_path_factory.mktemp("own-writes"), UNHURRIED, url) as store:
        yield store


@pytest.fixture(scope="package")
async def signer(faulty: FaultyStore) -> Signer:
    return await faulty.signer()


@pytest.fixture(scope="package")
async def shop(faulty: FaultyStore, signer: Signer) -> AsyncIterator[Shop]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        client, viewers = Client(http, faulty.store.settings.graphql_url, {}), Viewers(signer)
        yield Shop(client, viewers, Games(client, await viewers.developer()))


@pytest.fixture
async def world(faulty: FaultyStore, signer: Signer) -> AsyncIterator[World]:
    databases = {name: Database(faulty.settings.database_of(name), 4) for name in SUBGRAPHS}
    yield World(faulty.store.settings, faulty.settings, databases, signer)
    for database in databases.values():
        await database.close()


@pytest.fixture
def count(request: pytest.FixtureRequest) -> int:
    """How many sequences there are in each trouble."""
    # Pytest knows options of this folder only where it was told to run this folder.
    return int(request.config.getoption("--sequences", FEW)) // TROUBLES
