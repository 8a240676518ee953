"""Nobody reads behind an own acknowledged write, with the relay stopped or Redis gone."""

import asyncio
import uuid
from itertools import cycle, islice
from random import Random

import pytest
from sqlalchemy import func, select

from perf.world import World
from subgraphs.kit.failpoints import Fault
from subgraphs.payment.models import Outbox
from subgraphs.store.audit import audit
from tests.clients import eventually
from tests.faults.store import FaultyStore
from tests.own_writes.sequences import SEQUENCES, Buyer
from tests.shop import Shop

AT_ONCE = 6
SETTLE_SECONDS = 120
FOREVER = 100_000


@pytest.mark.parametrize("trouble", ["nothing", "the relay stopped", "redis gone"])
async def test_nobody_reads_behind_an_own_write(
    trouble: str, faulty: FaultyStore, world: World, shop: Shop, count: int
) -> None:
    games = [await shop.games.new(usd="0.10") for _ in range(4)]
    if trouble == "the relay stopped":
        await stop_relay(faulty, shop)
    if trouble == "redis gone":
        faulty.kill("redis")
    try:
        await _live(shop, games, count)
        if trouble != "nothing":
            assert await _waiting(world) >= count / 2, "the events were on their way all the time"
    finally:
        faulty.kill("payment")  # its relay sleeps
        await faulty.heal()
    findings = await audit(faulty.settings, wait=SETTLE_SECONDS)
    assert [finding for finding in findings if not finding.is_clean] == []


async def _live(shop: Shop, games: list[str], count: int) -> None:
    """Several customers run the sequences at once, each sequence with a new account."""
    left = list(islice(cycle(SEQUENCES), count))

    async def shopping() -> None:
        while left:
            sequence, rng = left.pop(), Random(len(left))
            await sequence(Buyer(shop, await shop.customer(), rng), rng.choice(games))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(shopping())


async def stop_relay(faulty: FaultyStore, shop: Shop) -> None:
    """Payment's relay stops in front of the next event."""
    stop = Fault(uuid.uuid4().hex, "relay: before", "delay", seconds=FOREVER)
    faulty.arm("payment", stop)
    await shop.checkout(await shop.customer(), await shop.games.new(usd="0.10"))

    async def stopped() -> bool:
        return faulty.has_triggered(stop)

    await eventually(stopped, 30)


async def _waiting(world: World) -> int:
    """How many events were never sent."""
    async with world.databases["payment"].reading() as session:
        return await session.scalar(select(func.count(Outbox.id)).where(Outbox.relays == 0)) or 0
