"""Limits per client address: they follow a trusted proxy's header, and only where it is trusted."""

from collections.abc import Iterator

import aiohttp
import pytest

from subgraphs.user.settings import UserSettings
from tests.clients import Client
from tests.own_store import QUICK, OwnStore, own_store

REFRESH = 'mutation { refresh(refreshToken: "a guess") { accessToken } }'
BURST: int = UserSettings.model_fields["client_burst"].default
HEADER = "x-forwarded-for"


@pytest.fixture(scope="module")
def behind_a_proxy(
    engine: str,
    mariadb_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    running: OwnStore,  # started first: its environment is without the setting
) -> Iterator[OwnStore]:
    # Slow enough to gain no attempt while the test lasts.
    trusted = {"STEAMPUNK_CLIENT_ADDRESS_HEADER": HEADER, "STEAMPUNK_CLIENT_RATE": "0.001"}
    url = mariadb_url and f"{mariadb_url}_proxied"
    with own_store(engine, tmp_path_factory.mktemp("proxied"), {**QUICK, **trusted}, url) as store:
        yield store


async def codes(http: aiohttp.ClientSession, store: OwnStore, *addresses: str) -> list[str]:
    """What refreshing answers to a client whose request comes with these addresses in turn."""
    clients = [Client(http, store.store.settings.graphql_url, {HEADER: address}) for address in addresses]
    return [await client.code(REFRESH) for client in clients]


async def test_an_address_is_limited_whatever_it_writes_before_what_the_proxy_adds(
    behind_a_proxy: OwnStore, http: aiohttp.ClientSession
) -> None:
    guesses = [f"203.0.113.{n}, 198.51.100.1" for n in range(BURST + 5)]
    assert await codes(http, behind_a_proxy, *guesses) == ["UNAUTHENTICATED"] * BURST + ["RATE_LIMITED"] * 5
    assert await codes(http, behind_a_proxy, "198.51.100.2") == ["UNAUTHENTICATED"]


async def test_without_the_setting_the_header_means_nothing(running: OwnStore, http: aiohttp.ClientSession) -> None:
    guesses = ["198.51.100.1"] * (BURST + 5)
    assert set(await codes(http, running, *guesses)) == {"UNAUTHENTICATED"}
