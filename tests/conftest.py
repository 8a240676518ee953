"""A running store for the whole test run: real processes, a real router, real databases.

`--engine=embedded` is SQLite and the embedded Valkey, `--engine=servers` MariaDB and Redis.
"""

import base64
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from router.binary import obtain
from router.process import free_ports
from subgraphs.contracts.event import Event
from subgraphs.kit import settings as kit_settings
from subgraphs.kit.columns import new_id
from subgraphs.kit.database import Database
from subgraphs.kit.outbox import stream_of
from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.store.config import StoreSettings, load_secrets
from subgraphs.store.migrate import migrate_all
from subgraphs.store.processes import Child, StoreError, check_ports
from subgraphs.store.store import Store
from subgraphs.user.models import SigningKey
from subgraphs.user.tokens import Signer
from subgraphs.user.vault import Vault
from tests.clients import Client, Games, Metrics, SubgraphClient, Viewers
from tests.servers import mariadb, redis_server
from tests.shop import Shop


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=("embedded", "servers"), default="embedded")


def pytest_report_header(config: pytest.Config) -> str:
    names = {"embedded": "SQLite and the embedded Valkey", "servers": "MariaDB and Redis"}
    return f"store: on {names[config.getoption('--engine')]}"


@dataclass(frozen=True)
class Running:
    """The store under test, and its servers where it has any of its own."""

    store: Store
    settings: Settings
    servers: dict[str, Child]


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--engine"))


@pytest.fixture(scope="session")
def running(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The store, started once, on free ports and with an empty state."""
    state = tmp_path_factory.mktemp("store")
    with ExitStack() as stack:
        servers: dict[str, Child] = {}
        database_url = redis_url = ""
        if engine == "servers":
            servers["mariadb"], database_url = stack.enter_context(mariadb(state))
            servers["redis"], redis_url = stack.enter_context(redis_server(state))
        settings = _store_settings(state, database_url, redis_url)
        os.environ.update(settings.environment() | _quick_settings())
        kit_settings.settings.cache_clear()
        store = Store(settings, obtain(print))
        stack.callback(store.stop)
        if not redis_url:
            store.start_valkey()
            servers["redis"] = store.children["valkey"]
        migrate_all()
        store.start()
        yield Running(store, kit_settings.settings(), servers)


def _store_settings(state: Path, database_url: str, redis_url: str) -> StoreSettings:
    ports = free_ports(11)
    first = _six_in_a_row(ports[0])
    return StoreSettings(
        state=state,
        database_url=database_url,
        redis_url=redis_url,
        router_port=ports[6],
        router_health_port=ports[7],
        router_metrics_port=ports[8],
        playground_port=ports[9],
        valkey_port=ports[10],
        subgraph_port=first,
    )


def _six_in_a_row(start: int) -> int:
    """The first of six free ports in a row."""
    for first in range(20_000 + start % 5_000, 32_000, 10):
        try:
            check_ports({str(port): port for port in range(first, first + 6)})
        except StoreError:
            continue
        return first
    raise AssertionError("no six free ports in a row")


def _quick_settings() -> dict[str, str]:
    """Delays that tests wait for, in seconds."""
    return {
        "STEAMPUNK_SETTLEMENT_DELAY": "1",
        "STEAMPUNK_CHECKOUT_OVERDUE": "1",
        "STEAMPUNK_LOG_LEVEL": "WARNING",
    }


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


@pytest.fixture(scope="session")
def store_client(running: Running, http: aiohttp.ClientSession) -> Client:
    """A client of the router: what the store's own clients see."""
    return Client(http, running.store.settings.graphql_url, {})


def _subgraph_fixture(name: str) -> Any:
    @pytest.fixture(scope="session", name=name)
    def client(running: Running, http: aiohttp.ClientSession) -> SubgraphClient:
        secrets = load_secrets(running.store.settings.state)
        return SubgraphClient(http, running.settings.url_of(name), secrets)

    return client


user = _subgraph_fixture("user")
product = _subgraph_fixture("product")
order = _subgraph_fixture("order")
payment = _subgraph_fixture("payment")
stock = _subgraph_fixture("stock")
library = _subgraph_fixture("library")


@pytest.fixture(scope="session")
async def sql(running: Running) -> AsyncIterator[Callable[[str], Database]]:
    """The databases behind the subgraphs, to prepare rows and to read the final state back."""
    databases = {name: Database(running.settings.database_of(name), 4) for name in SUBGRAPHS}
    yield databases.__getitem__
    for database in databases.values():
        await database.close()


@pytest.fixture(scope="session")
async def redis(running: Running) -> AsyncIterator[Redis]:
    client = Redis.from_url(running.settings.redis_url, decode_responses=True, protocol=2)
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
async def viewers(running: Running, sql: Callable[[str], Database]) -> Viewers:
    secrets = load_secrets(running.store.settings.state)
    vault = Vault(base64.b64decode(secrets["STEAMPUNK_DATA_KEY"]))
    async with sql("user").reading() as session:
        key = (await session.scalars(select(SigningKey).order_by(SigningKey.id.desc()))).first()
    assert key is not None
    private = vault.open(key.private_key, f"signing-key:{key.id}")
    return Viewers(Signer(key.id, private, running.settings.token_issuer))


@pytest.fixture(scope="session")
def metrics(running: Running, http: aiohttp.ClientSession) -> Metrics:
    return Metrics(http, running.store.settings.base_url_of)


@pytest.fixture(scope="session")
def statements(metrics: Metrics) -> Any:
    return metrics.statements


@pytest.fixture(scope="session")
def publish(redis: Redis) -> Any:
    """Delivers an event to its consumers as the producer's relay does."""

    async def deliver(event: Event, event_id: str = "") -> None:
        payload = msgspec.json.encode(event).decode()
        fields: dict[Any, Any] = {"id": event_id or new_id(), "topic": event.topic, "payload": payload}
        await redis.xadd(stream_of(event.producer), fields)

    return deliver


@pytest.fixture(scope="session")
def shop(store_client: Client, viewers: Viewers, games: Games) -> Shop:
    return Shop(store_client, viewers, games)


@pytest.fixture(scope="session")
async def games(product: Client, viewers: Viewers) -> Games:
    return Games(product, await viewers.developer())
