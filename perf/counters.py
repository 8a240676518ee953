"""What servers and subgraphs count themselves, since their start."""

import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator

import pymysql
import redis
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from sqlalchemy.engine import URL

from etl.catalogue import parameters_of
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.config import StoreSettings

ALL = "questions"
"""All that clients sent to the database: statements, and what begins and ends transactions."""
OWN_CALLS = {"info", "client|setinfo"}
BATCHES, MEMBERS = "steampunk_batches_total", "steampunk_batch_members_total"
SENT = "steampunk_sql_statements_total"
OfSubgraph = tuple[str, Sample]
"""A subgraph's name, and one of its metrics."""


def sql(url: URL) -> Counter[str]:
    """The statements that MariaDB or MySQL has counted, by kind, and ALL of them. Empty for SQLite."""
    if url.get_backend_name() == "sqlite":
        return Counter()
    with pymysql.connect(**dict(parameters_of(url).arguments)) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS WHERE Variable_name = 'Questions' OR Variable_name LIKE 'Com\\_%'")
        counts = {str(name).lower().removeprefix("com_"): int(value) for name, value in cursor.fetchall()}
    return Counter({name: value for name, value in counts.items() if value and not name.startswith("show")})


def redis_calls(url: str) -> Counter[str]:
    """The calls that Redis or Valkey has counted, by command."""
    with redis.Redis.from_url(url) as client:
        stats = client.info("commandstats")
    calls = {name.removeprefix("cmdstat_"): int(values["calls"]) for name, values in stats.items()}
    return Counter({name: count for name, count in calls.items() if name not in OWN_CALLS})


def batches(samples: Iterable[OfSubgraph]) -> tuple[Counter[str], Counter[str]]:
    """The subgraphs' batches by name, and their members."""
    ran: Counter[str] = Counter()
    members: Counter[str] = Counter()
    for subgraph, sample in samples:
        name = f"{subgraph}, {sample.labels.get('batch')}"
        ran[name] += int(sample.value) if sample.name == BATCHES else 0
        members[name] += int(sample.value) if sample.name == MEMBERS else 0
    return +ran, +members


def statements(samples: Iterable[OfSubgraph]) -> Counter[str]:
    """The SQL statements that each subgraph has sent."""
    found: Counter[str] = Counter()
    for subgraph, sample in samples:
        found[subgraph] += int(sample.value) if sample.name == SENT else 0
    return found


def samples(store: StoreSettings) -> Iterator[OfSubgraph]:
    """The subgraphs' metrics. None with several workers: only one of them would answer, for itself alone."""
    for subgraph in SUBGRAPHS if store.workers == 1 else ():
        request = urllib.request.Request(f"{store.base_url_of(subgraph)}/metrics", headers=store.router_headers())
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                text = response.read().decode()
        except urllib.error.URLError:  # it runs elsewhere
            continue
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                yield subgraph, sample
