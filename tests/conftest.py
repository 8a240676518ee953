"""A running store for the whole test run: real processes, a real router, real databases.

`--engine=embedded` is SQLite and the embedded Valkey, `--engine=servers` MariaDB and Redis. With `-n 2` two workers
run the tests side by side, each on a store of its own.
"""

import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import aiohttp
import msgspec
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from redis.asyncio import Redis
from sqlalchemy import delete, insert, select

from perf.servers import mariadb
from subgraphs.contracts.event import Event
from subgraphs.contracts.payment import PaymentPaid
from subgraphs.kit.database.columns import new_id, utc_now
from subgraphs.kit.database.database import Database
from subgraphs.kit.messaging.streams import stream_of
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.payment.models import Outbox
from subgraphs.store.config import load_secrets
from tests.clients import Client, Games, Metrics, SubgraphClient, Viewers
from tests.own_store import OwnStore, own_store
from tests.ports import reserved_ports
from tests.shop import Shop
from tests.workers import ByFileOrFolder, longest_first

# No test asserts a speed: machines are shared.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=("embedded", "servers"), default="embedded")


def pytest_configure(config: pytest.Config) -> None:
    """Ctrl-C ends a parallel run with one line. A run in this process leaves it to asyncio, which ends the test."""
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        signal.signal(signal.SIGINT, lambda *_: pytest.exit("Stopped.", returncode=130))


def pytest_report_header(config: pytest.Config) -> str:
    names = {"embedded": "SQLite and the embedded Valkey", "servers": "MariaDB and Redis"}
    return f"store: on {names[config.getoption('--engine')]}"


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--engine"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells how often which fault was injected, how far fuzzing came, and what was compared with the reference."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    calls = [report for report in reports if getattr(report, "when", "") == "call"]
    faults = Counter(str(kind) for call in calls for name, kind in call.user_properties if name == "fault")
    if faults:
        terminalreporter.section(f"{faults.total()} faults injected")
        for kind, count in sorted(faults.items()):
            terminalreporter.line(f"{count:5}  {kind}")
    for told, title in {
        "fuzz": "fuzzed",
        "merge": "compared with the reference",
        "simulate": "searched schedules",
    }.items():
        lines = [str(line) for call in calls for name, line in call.user_properties if name == told]
        if lines:
            terminalreporter.section(title)
        for line in lines:
            terminalreporter.line(line)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFileOrFolder:
    return ByFileOrFolder(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--engine") == "servers":
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("engineless")])
        items[:] = [item for item in items if not item.get_closest_marker("engineless")]
    if hasattr(config, "workerinput"):  # on a worker
        longest_first(items)


@pytest.fixture(scope="session")
def mariadb_url(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One MariaDB for several stores, which append a suffix to its database name; empty on the embedded engines."""
    if engine == "embedded":
        yield ""
        return
    with reserved_ports() as ports, mariadb(tmp_path_factory.mktemp("mariadb"), ports[0]) as (_, url):
        yield url


@pytest.fixture(scope="session")
def running(engine: str, mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStore]:
    """The store, started once."""
    with own_store(engine, tmp_path_factory.mktemp("store"), database_url=mariadb_url) as store:
        yield store


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


@pytest.fixture(scope="session")
def store_client(running: OwnStore, http: aiohttp.ClientSession) -> Client:
    """A client of the router: what the store's own clients see."""
    return Client(http, running.store.settings.graphql_url, {})


def _subgraph_fixture(name: str) -> Any:
    @pytest.fixture(scope="session", name=name)
    def client(running: OwnStore, http: aiohttp.ClientSession) -> SubgraphClient:
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
async def sql(running: OwnStore) -> AsyncIterator[Callable[[str], Database]]:
    """The databases behind the subgraphs, to prepare rows and to read the final state back."""
    databases = {name: Database(running.settings.database_of(name), 4) for name in SUBGRAPHS}
    yield databases.__getitem__
    for database in databases.values():
        await database.close()


@pytest.fixture(scope="session")
async def redis(running: OwnStore) -> AsyncIterator[Redis]:
    client = Redis.from_url(running.settings.redis_url, decode_responses=True, protocol=2)
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
async def viewers(running: OwnStore) -> Viewers:
    return Viewers(await running.signer())


@pytest.fixture(scope="session")
def metrics(running: OwnStore, http: aiohttp.ClientSession) -> Metrics:
    return Metrics(http, running.store.settings)


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


@pytest.fixture
async def keep_back(sql: Callable[[str], Database]) -> AsyncIterator[Callable[..., Any]]:
    """Puts a user's events, as payloads of payment.paid, into payment's outbox, from where no relay sends them."""
    event_ids: list[str] = []

    async def keep(user_id: str, payloads: Sequence[str]) -> list[str]:
        async with sql("payment").transaction() as session:
            now = await session.scalar(select(utc_now()))
            rows = [
                {"event_id": new_id(), "topic": PaymentPaid.topic, "payload": payload, "user_id": user_id}
                for payload in payloads
            ]
            await session.execute(insert(Outbox), [{**row, "relayed_at": now} for row in rows])
        event_ids.extend(row["event_id"] for row in rows)
        return [row["event_id"] for row in rows]

    yield keep
    async with sql("payment").transaction() as session:
        await session.execute(delete(Outbox).where(Outbox.event_id.in_(event_ids)))


@pytest.fixture(scope="session")
def shop(store_client: Client, viewers: Viewers, games: Games) -> Shop:
    return Shop(store_client, viewers, games)


@pytest.fixture(scope="session")
async def games(product: Client, viewers: Viewers) -> Games:
    return Games(product, await viewers.developer())
