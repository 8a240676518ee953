"""A primary is lost with events that it has acknowledged and one consumer has not read."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from random import Random
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from perf.world import World
from subgraphs.contracts.event import TOPICS, concerns
from subgraphs.kit.failpoints import Fault
from subgraphs.kit.messaging.streams import stream_of
from subgraphs.library.models import Inbox
from subgraphs.user.tokens import Signer
from tests.clients import Client, Viewers, eventually
from tests.clusters.redis.conftest import RunningOnRedis
from tests.clusters.redis.failover import fail_over
from tests.clusters.redis.nodes import Arrangement, Node
from tests.faults.load import Load
from tests.faults.shop import RetryingClient, Shelf
from tests.faults.verification import verify

STREAM = stream_of("payment")
LOST = 3
"""How many events, at least, are lost."""
WAIT_SECONDS = 120


@pytest.fixture
async def shelf(stand: RunningOnRedis, signer: Signer, http: aiohttp.ClientSession) -> Shelf:
    line = RetryingClient(Client(http, stand.own.store.settings.graphql_url, {}))
    shelf = Shelf(line, await Viewers(signer).developer())
    await shelf.stock_up()
    return shelf


async def test_a_failover_under_events_loses_none_and_applies_none_twice(
    stand: RunningOnRedis,
    healed: Arrangement,
    loss: str,
    shelf: Shelf,
    signer: Signer,
    world: World,
    record_property: Callable[[str, object], None],
) -> None:
    load = Load(shelf.line, shelf, Viewers(signer), Random(loss))
    lost: list[str] = []

    async def sent_alone(primary: Node) -> None:
        """Events are sent that only the primary has; library takes none of them from the stream."""
        until = await _last_entry(primary)
        async with asyncio.timeout(WAIT_SECONDS):
            while len(lost) < LOST:
                lost[:] = [fields["id"] async for fields in _entries_after(primary, until) if _is_for_library(fields)]
                await asyncio.sleep(0.02)

    load.start()
    try:
        stand.own.arm("library", Fault(uuid.uuid4().hex, "inbox: delivered", "conflict", times=10_000))
        failover = await fail_over(healed, STREAM, loss, sent_alone)
        kept = {fields["id"] async for fields in _entries_after(failover.new, "-")}
        assert not kept & set(lost)
        await stand.own.heal()
        await eventually(lambda: _all_applied(world, lost), WAIT_SECONDS)
        applied = time.monotonic() - failover.lost_at
    finally:
        await load.stop()
    promoted = failover.promoted_at - failover.lost_at
    print(f"  {loss}: promoted after {promoted:.1f} s, {len(lost)} lost events applied after {applied:.1f} s")
    record_property("fault", f"primary {loss} under events")
    await healed.heal()
    await verify(stand.own, shelf, load.customers)


async def _last_entry(node: Node) -> str:
    async with node.client() as redis:
        return str((await redis.xinfo_stream(STREAM))["last-generated-id"])


async def _entries_after(node: Node, entry_id: str) -> AsyncIterator[dict[str, str]]:
    async with node.client() as redis:
        entries: Any = await redis.xrange(STREAM, entry_id if entry_id == "-" else f"({entry_id}")
        for _, fields in entries:
            yield fields


def _is_for_library(fields: dict[str, str]) -> bool:
    topic = fields["topic"]
    return "library" in TOPICS[topic].consumers and concerns(topic, fields["payload"], "library")


async def _all_applied(world: World, event_ids: list[str]) -> bool:
    async with world.databases["library"].reading() as session:
        applied = await session.scalars(select(Inbox.event_id).where(Inbox.event_id.in_(event_ids)))
        return set(applied) == set(event_ids)
