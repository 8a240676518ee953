"""A store of its own to be fuzzed, and how long that goes on."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from graphql import GraphQLSchema, build_schema

from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.config import load_secrets
from tests.clients import Client, Games, Viewers
from tests.fuzz.visit import Target
from tests.options import option
from tests.own_store import QUICK, OwnStore, own_store
from tests.shop import Shop

SECONDS = 20
SEED = 1
SCHEMA = Path(__file__).parents[2] / "schema"
ENVIRONMENT = {**QUICK, "STEAMPUNK_CLAIM_RATE": "1000"}
CLIENT_SECONDS = 60


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seconds", type=int, default=SECONDS, help="how long the store is fuzzed")
    parser.addoption("--fuzz-seed", type=int, default=SEED, help="the seed of all visits")
    parser.addoption("--replay", default="", help="one visit, as a defect names it: SEED/NUMBER")


seconds, fuzz_seed, replay = option("seconds", SECONDS), option("fuzz_seed", SEED), option("replay", "")


@pytest.fixture(scope="package")
def fuzzed(engine: str, mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStore]:
    url = mariadb_url and f"{mariadb_url}_fuzzed"
    with own_store(engine, tmp_path_factory.mktemp("fuzz"), ENVIRONMENT, url) as store:
        yield store


@pytest.fixture
async def fuzz_shop(fuzzed: OwnStore) -> AsyncIterator[Shop]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CLIENT_SECONDS)) as http:
        client, viewers = Client(http, fuzzed.store.settings.graphql_url, {}), Viewers(await fuzzed.signer())
        yield Shop(client, viewers, Games(client, await viewers.developer()))


@pytest.fixture
def targets(fuzzed: OwnStore) -> list[Target]:
    """The router as a client sees it, and each subgraph as the router sees it."""
    secret = load_secrets(fuzzed.store.settings.state)["STEAMPUNK_ROUTER_SECRET"]
    router = Target("router", fuzzed.store.settings.graphql_url, _schema("api"))
    subgraphs = [
        Target(name, fuzzed.settings.url_of(name), _schema(name), {"x-router-secret": secret}) for name in SUBGRAPHS
    ]
    return [router, *subgraphs]


def _schema(name: str) -> GraphQLSchema:
    return build_schema((SCHEMA / f"{name}.graphql").read_text(), assume_valid_sdl=True)
