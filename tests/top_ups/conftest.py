"""A store that sells points through a provider of the tests' own."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from aiohttp import web

from router.process import free_ports
from subgraphs.payment.top_ups.webhook import PATH
from tests.clients import Client, Viewers
from tests.faults.store import UNHURRIED, FaultyStore, faulty_store
from tests.top_ups.customers import Customers
from tests.top_ups.provider import KEY, WEBHOOK_SECRET, Mailbox, Provider


@pytest.fixture(scope="package")
def provider_port() -> int:
    [port] = free_ports(1)
    return port


@pytest.fixture(scope="package")
def selling(
    engine: str, mariadb_url: str, provider_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FaultyStore]:
    sells = {
        "STEAMPUNK_TOP_UP_PROVIDER": "stripe",
        "STEAMPUNK_STRIPE_URL": f"http://127.0.0.1:{provider_port}",
        "STEAMPUNK_STRIPE_KEY": KEY,
        "STEAMPUNK_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "STEAMPUNK_POINT_PRICE": "0.9",
        "STEAMPUNK_TOP_UP_MINIMUM": "50",
        "STEAMPUNK_TOP_UP_OVERDUE": "1",
        "STEAMPUNK_TOP_UP_RETURN_URL": "https://shop.example/wallet",
    }
    url = mariadb_url and f"{mariadb_url}_selling"
    with faulty_store(engine, tmp_path_factory.mktemp("selling"), {**UNHURRIED, **sells}, url) as store:
        yield store


@pytest.fixture(scope="package")
async def provider(provider_port: int) -> AsyncIterator[Provider]:
    provider = Provider()
    runner = web.AppRunner(provider.app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", provider_port).start()
    yield provider
    await runner.cleanup()


@pytest.fixture(autouse=True)
def provider_is_up(provider: Provider) -> Iterator[None]:
    yield
    provider.is_down = False


@pytest.fixture(scope="package")
def mailbox(selling: FaultyStore, http: aiohttp.ClientSession) -> Mailbox:
    return Mailbox(http, f"{selling.store.settings.base_url_of('payment')}{PATH}")


@pytest.fixture(scope="package")
async def customers(selling: FaultyStore, http: aiohttp.ClientSession, provider: Provider) -> Customers:
    client = Client(http, selling.store.settings.graphql_url, {})
    return Customers(client, Viewers(await selling.signer()))
