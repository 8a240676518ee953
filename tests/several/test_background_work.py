"""With several instances the work that no client waits for is done once, and costs each of them no more than alone."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import func, select, update

from perf.scenarios.pay import ready_payments
from perf.world import World
from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.payment.models import Payment
from tests.clients import eventually
from tests.several.conftest import Running
from tests.several.store import NUMBERS

PAYMENTS = 1000
"""Five batches of the sweeper."""
STATEMENTS_A_SECOND = {"payment": 5, "order": 1, "library": 1}
"""The most that a process asks its database for while nobody shops."""
ENOUGH_STATEMENTS = 40
"""How many statements of payment to wait for: long enough for jobs that run only every few seconds."""


@pytest.fixture
async def world(running_several: Running) -> AsyncIterator[World]:
    databases = {name: Database(running_several.settings.database_of(name), 2) for name in SUBGRAPHS}
    yield World(running_several.store.settings, running_several.settings, databases, await running_several.signer())
    for database in databases.values():
        await database.close()


class Instances:
    """Reads the metrics of single instances."""

    def __init__(self, store: Running, http: aiohttp.ClientSession) -> None:
        self._several = store.several
        self._http = http

    async def value(self, instance: str, name: str, **labels: str) -> float:
        url, headers = self._several.base_url_of_instance(instance), self._several.settings.router_headers()
        async with self._http.get(f"{url}/metrics", headers=headers) as response:
            families = list(text_string_to_metric_families(await response.text()))
        samples = [sample for family in families for sample in family.samples if sample.name == name]
        return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())

    async def total(self, subgraph: str, name: str, **labels: str) -> float:
        return sum([await self.value(f"{subgraph}-{number}", name, **labels) for number in NUMBERS])


@pytest.fixture
def instances(running_several: Running, http: aiohttp.ClientSession) -> Instances:
    return Instances(running_several, http)


async def test_each_payment_expires_once_and_each_event_is_applied_once(world: World, instances: Instances) -> None:
    async def applied(subgraph: str = "order") -> float:
        return await instances.total(subgraph, "steampunk_events_applied_total", topic="payment.cancelled")

    before = await applied()
    payments = await ready_payments(world, world.shoppers(PAYMENTS))
    ours = Payment.id.between(min(payments), max(payments))
    async with world.databases["payment"].transaction() as session:
        await session.execute(update(Payment).where(ours).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))

    async def all_expired_and_applied() -> bool:
        async with world.databases["payment"].reading() as session:
            expired = await session.scalar(select(func.count()).where(ours, Payment.state == "EXPIRED"))
        return expired == PAYMENTS and await applied() >= before + PAYMENTS

    await eventually(all_expired_and_applied, seconds=120)
    # An event for each payment: a second instance that had expired it too would have written a second one.
    assert await applied() == before + PAYMENTS


async def test_an_idle_instance_asks_its_database_no_more_than_alone(instances: Instances) -> None:
    async def statements(subgraph: str) -> list[float]:
        name, labels = "steampunk_sql_statements_total", {"work": "background"}
        return [await instances.value(f"{subgraph}-{number}", name, **labels) for number in NUMBERS]

    async def nothing_is_left_to_do() -> bool:
        return await instances.total("payment", "steampunk_outbox_pending") == 0

    await eventually(nothing_is_left_to_do, seconds=120)
    started, before = time.monotonic(), {subgraph: await statements(subgraph) for subgraph in STATEMENTS_A_SECOND}

    async def both_have_looked_for_work() -> bool:
        now = await statements("payment")
        return all(after - first >= ENOUGH_STATEMENTS for first, after in zip(before["payment"], now, strict=True))

    await eventually(both_have_looked_for_work, seconds=120)
    now = {subgraph: await statements(subgraph) for subgraph in STATEMENTS_A_SECOND}
    seconds = time.monotonic() - started + 1
    spent = {
        subgraph: [(after - first) / seconds for first, after in zip(before[subgraph], now[subgraph], strict=True)]
        for subgraph in now
    }
    print(f"  statements a second of each instance: {spent}")
    assert all(max(spent[subgraph]) <= limit for subgraph, limit in STATEMENTS_A_SECOND.items()), spent
