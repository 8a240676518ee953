"""A store of its own, in which payments and claims expire soon, and clients whose requests are recorded."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from subgraphs.user.tokens import Signer
from tests.clients import Client, Viewers
from tests.faults.store import FaultyStore, faulty_store
from tests.histories.recorder import Recording, RecordingClient
from tests.histories.shoppers import Crowd
from tests.own_store import QUICK

HURRIED = {
    **QUICK,
    "STEAMPUNK_PAYMENT_LIFETIME": "3",
    "STEAMPUNK_CLAIM_LIFETIME": "3",
    "STEAMPUNK_CLAIM_RATE": "1000",
    "STEAMPUNK_REFRESH_RATE": "1000",
}


ACTS = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--acts", type=int, default=ACTS, help="what each of the recorded clients does")


@pytest.fixture(scope="package")
def faulty(engine: str, mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyStore]:
    url = mariadb_url and f"{mariadb_url}_histories"
    with faulty_store(engine, tmp_path_factory.mktemp("histories"), HURRIED, url) as store:
        yield store


@pytest.fixture(scope="package")
async def signer(faulty: FaultyStore) -> Signer:
    return await faulty.signer()


@pytest.fixture
async def crowd(faulty: FaultyStore, signer: Signer) -> AsyncIterator[Crowd]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        recording = Recording()
        client = RecordingClient(Client(http, faulty.store.settings.graphql_url, {}), recording)
        yield Crowd(client, recording, Viewers(signer))


@pytest.fixture
def acts(request: pytest.FixtureRequest) -> int:
    # Pytest knows options of this folder only where it was told to run this folder.
    return int(request.config.getoption("--acts", ACTS))
