"""Whatever happens to the writer: nothing acknowledged is lost, nothing happens twice, nobody uses the former writer."""

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.clients import eventually
from tests.clusters.databases.conftest import Clustered, Customers
from tests.clusters.databases.failures import ALL_KILLED, FAILURES, KILLED, carry_on, heal
from tests.clusters.databases.nodes import Node

BUSY_SECONDS = 60
SERVICE_SECONDS = 240
AFTERWARDS_SECONDS = 3.0


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Without `--rounds`, the writer is killed once."""
    if "failure" in metafunc.fixturenames:
        rounds = metafunc.config.getoption("--rounds", 0)
        metafunc.parametrize("failure", FAILURES if rounds else [KILLED])
        metafunc.parametrize("round_", range(1, max(1, rounds) + 1), ids=str)


async def test_nothing_acknowledged_is_lost(
    failure: str,
    round_: int,
    clustered: Clustered,
    customers: Customers,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    cluster, proxy, journal = clustered.cluster, clustered.proxy, customers.journal
    await customers.start()
    try:
        await eventually(_async(journal.is_busy), BUSY_SECONDS)
        writer = proxy.writer()
        others = [node for node in cluster.nodes if node is not writer]
        in_flight, acknowledged = journal.in_flight_now(), journal.acknowledged_just_now()
        await asyncio.to_thread(FAILURES[failure], writer, others)
        failed_at = time.monotonic()
        await asyncio.to_thread(carry_on, cluster, failure)
        carried_on = time.monotonic() - failed_at
        served_at = await eventually(_async(lambda: journal.serves_since(failed_at)), SERVICE_SECONDS)
        seconds = served_at - failed_at
        record_property("failover", (request.node.callspec.params["clustered"], failure, seconds))
        print(
            f"  {writer.name} {failure}: {in_flight} writes in flight, {acknowledged} acknowledged in the second before; "
            f"{proxy.writer().name} serves after {seconds:.1f} s, of which the operator's commands took {carried_on:.1f} s",
            flush=True,
        )
        if failure != ALL_KILLED:
            await _let_be(clustered, failure, writer)
    finally:
        await customers.stop()
    await customers.compare()


async def _let_be(clustered: Clustered, failure: str, former: Node) -> None:
    """The former writer comes back while customers shop. Nobody writes to it."""
    proxy = clustered.proxy
    assert proxy.writer() is not former
    connections = proxy.connections_to(former)
    await asyncio.to_thread(heal, clustered.cluster, failure, former)
    await asyncio.sleep(AFTERWARDS_SECONDS)
    await asyncio.to_thread(clustered.cluster.bring_back, former)
    await asyncio.sleep(AFTERWARDS_SECONDS)
    assert proxy.connections_to(former) == connections
    assert proxy.writer() is not former


def _async(check: Callable[[], object]) -> Callable[[], object]:
    async def checked() -> object:
        return check()

    return checked
