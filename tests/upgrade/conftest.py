"""A store that runs on the data of an earlier release."""

from collections.abc import Iterator

import aiohttp
import pytest

from tests.clients import Account, Client
from tests.own_store import OwnStore, own_store
from tests.upgrade import operating
from tests.upgrade.sample import RELEASES, Expectation, Sample
from tests.upgrade.snapshots import sign_in_all


@pytest.fixture(scope="module", params=RELEASES)
def sample(request: pytest.FixtureRequest, engine: str) -> Sample:
    return Sample(request.param, engine)


@pytest.fixture(scope="module")
def expectation(sample: Sample) -> Expectation:
    return sample.expectation()


@pytest.fixture(scope="module")
def upgraded(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStore]:
    """The current store on the sample's databases, with an empty Redis."""
    state = tmp_path_factory.mktemp("upgraded")
    with own_store(sample.engine, state, before=lambda url: sample.restore(state, url)) as store:
        yield store


@pytest.fixture(scope="module")
def dead_letters(upgraded: OwnStore, expectation: Expectation) -> str:
    """Lists the sample's dead letters for the operator, then replays them."""
    listed = operating.dead_letters(upgraded.settings)
    operating.replay(upgraded.settings, expectation.dead_letter)
    return listed


@pytest.fixture(scope="module")
def finished(upgraded: OwnStore, dead_letters: str) -> OwnStore:
    """The store once all unfinished work is done and every invariant holds."""
    operating.audit(upgraded.settings)
    return upgraded


@pytest.fixture(scope="module")
def client(upgraded: OwnStore, http: aiohttp.ClientSession) -> Client:
    return Client(http, upgraded.store.settings.graphql_url, {})


@pytest.fixture(scope="module")
async def accounts(client: Client, expectation: Expectation) -> dict[str, Account]:
    return await sign_in_all(client, expectation)
