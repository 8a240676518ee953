"""Stores on the data of earlier releases."""

from collections.abc import Iterator

import aiohttp
import pytest

from tests.clients import Account, Client
from tests.own_store import OwnStore, own_store
from tests.upgrade import operating
from tests.upgrade.asking import everybody
from tests.upgrade.sample import RELEASES, Expectation, Sample


@pytest.fixture(scope="module", params=RELEASES)
def sample(request: pytest.FixtureRequest, engine: str) -> Sample:
    return Sample(request.param, engine)


@pytest.fixture(scope="module")
def expectation(sample: Sample) -> Expectation:
    return sample.expectation()


@pytest.fixture(scope="module")
def upgraded(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStore]:
    """Today's store on the sample's databases, with a Redis that is empty."""
    state = tmp_path_factory.mktemp("upgraded")
    with own_store(sample.engine, state, before=lambda url: sample.restore(state, url)) as store:
        yield store


@pytest.fixture(scope="module")
def dead_letters(upgraded: OwnStore, expectation: Expectation) -> str:
    """What the operator is shown of the sample's dead letters. They have been replayed since."""
    shown = operating.dead_letters(upgraded.settings)
    operating.replay(upgraded.settings, expectation.dead_letter)
    return shown


@pytest.fixture(scope="module")
def finished(upgraded: OwnStore, dead_letters: str) -> OwnStore:
    """The store once all that was under way has come to its end, and every invariant holds."""
    operating.audit(upgraded.settings)
    return upgraded


@pytest.fixture(scope="module")
def client(upgraded: OwnStore, http: aiohttp.ClientSession) -> Client:
    return Client(http, upgraded.store.settings.graphql_url, {})


@pytest.fixture(scope="module")
async def accounts(client: Client, expectation: Expectation) -> dict[str, Account]:
    return await everybody(client, expectation)
