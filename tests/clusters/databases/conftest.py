"""A store on a cluster of databases, set up either way."""

import shutil
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import aiohttp
import pytest

from tests.clients import Viewers
from tests.clusters.databases.failures import Cluster
from tests.clusters.databases.galera import Galera
from tests.clusters.databases.hosts import can_have_hosts, hosts
from tests.clusters.databases.proxy import Proxy
from tests.clusters.databases.semi_sync import SemiSync
from tests.clusters.databases.writes import Journal
from tests.faults.load import Load
from tests.faults.shop import RetryingClient, Shelf
from tests.faults.store import VERY_QUICK
from tests.faults.verification import verify
from tests.haproxy import HAPROXY
from tests.own_store import OwnStore, own_store
from tests.ports import reserved_ports

CLIENT_SECONDS = 15
CUSTOMERS = 8
PROVIDER = Path("/usr/lib/galera/libgalera_smm.so")
WAYS: dict[str, type[Cluster]] = {"galera": Galera, "semi-sync": SemiSync}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells for each way and failure how often it happened, how often all was well, and how long customers waited."""
    seconds, well = defaultdict[tuple[str, str], list[float]](list), Counter[tuple[str, str]]()
    for report in [one for found in terminalreporter.stats.values() for one in found]:
        for name, told in getattr(report, "user_properties", ()) if getattr(report, "when", "") == "call" else ():
            if name == "failover":
                way, failure, waited = told
                seconds[way, failure].append(waited)
                well[way, failure] += report.passed
    if seconds:
        terminalreporter.section("writers of databases failed")
    for (way, failure), times in seconds.items():
        count = f"{len(times)} times, {well[way, failure]} without loss"
        terminalreporter.line(f"{way:10} {failure:24} {count}; service after {min(times):.1f} to {max(times):.1f} s")


@dataclass
class Clustered:
    """The store, its databases, and the proxy between them."""

    store: OwnStore
    cluster: Cluster
    proxy: Proxy


@contextmanager
def running_cluster(way: str, folder: Path) -> Iterator[tuple[Cluster, Proxy]]:
    """Three nodes, one of which is the writer, and the proxy in front of them."""
    if not can_have_hosts():
        pytest.skip("network namespaces need root, and `ip`")
    missing = [name for name in ("mariadbd", "mariabackup", "redis-server", "socat") if shutil.which(name) is None]
    if missing or HAPROXY is None or not PROVIDER.exists():
        pytest.skip("apt install mariadb-server mariadb-backup galera-4 redis-server haproxy socat")
    with hosts() as machines, reserved_ports() as ports:
        cluster = WAYS[way](machines, folder)
        proxy = Proxy(ports[0], cluster.nodes, cluster.check, folder)
        if isinstance(cluster, SemiSync):
            cluster.proxy = proxy
        try:
            cluster.start()
            cluster.promote()
            proxy.wait_for_a_writer()
            yield cluster, proxy
        finally:
            for node in cluster.nodes:
                node.kill()
            proxy.stop()


@pytest.fixture(scope="module", params=WAYS)
def clustered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clustered]:
    with running_cluster(request.param, tmp_path_factory.mktemp(request.param)) as (cluster, proxy):
        url = f"mysql+aiomysql://shop:password@127.0.0.1:{proxy.port}/steampunk"
        with own_store("servers", tmp_path_factory.mktemp("store"), VERY_QUICK, url) as store:
            yield Clustered(store, cluster, proxy)


class Customers:
    """Customers who pay, check out and claim, and one journal of all their writes."""

    def __init__(self, journal: Journal, viewers: Viewers, store: OwnStore) -> None:
        self.journal = journal
        self._line = RetryingClient(journal)
        self._viewers = viewers
        self._store = store

    async def start(self) -> None:
        self.shelf = Shelf(self._line, await self._viewers.developer())
        await self.shelf.stock_up()
        self._load = Load(self._line, self.shelf, self._viewers, Random(1), CUSTOMERS)
        self._load.start()

    async def stop(self) -> None:
        """Returns once all know what has become of their writes."""
        await self._load.stop()

    async def compare(self) -> None:
        """Checks that all invariants hold, and that the store has what is in each customer's journal."""
        await verify(self._store, self.shelf, self._load.customers)


@pytest.fixture
async def customers(clustered: Clustered) -> AsyncIterator[Customers]:
    store, timeout = clustered.store, aiohttp.ClientTimeout(total=CLIENT_SECONDS)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as http:
        yield Customers(Journal(http, store.store.settings.graphql_url), Viewers(await store.signer()), store)
