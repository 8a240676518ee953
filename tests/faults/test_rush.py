"""With many concurrent claims on few units, each unit is claimed once, even if a process is killed meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from perf.load import drive
from perf.scenarios.rush import Rush, open_rush
from perf.world import World
from subgraphs.store.audit import audit
from tests.faults.injections import within
from tests.faults.store import FaultyStore
from tests.histories.events import Bounds
from tests.histories.recorder import Recording
from tests.histories.rushes import opened, recorded_call
from tests.histories.verdicts import assert_linearizable

AUDIT_WAIT_SECONDS = 60
ROUNDS = 60
CLAIM_LIFETIME = 600
RUSHES: list[Recording] = []
"""What was answered in each rush."""


@pytest.fixture(scope="module", autouse=True)
async def long_claims(faulty: FaultyStore) -> AsyncIterator[None]:
    """Makes claims outlive the rush."""
    faulty.serve_with("stock", STEAMPUNK_CLAIM_LIFETIME=str(CLAIM_LIFETIME))
    await faulty.ready()
    yield
    faulty.serve_with("stock")
    await faulty.ready()


@pytest.mark.parametrize("victim", ["nobody", "redis", "stock"])
@pytest.mark.parametrize("units", ["ten", "half"])
async def test_a_rush_claims_each_unit_once(
    world: World, many: int, faulty: FaultyStore, units: str, victim: str
) -> None:
    async def kill(rush: Rush) -> None:
        assert await within(120, lambda: len(rush.answered) >= many // 3)
        faulty.kill(victim)
        await asyncio.sleep(0.5)
        await faulty.heal()

    rush = await open_rush(world, many, 10 if units == "ten" else many // 2)
    RUSHES.append(opened(rush))
    await _claim(world, rush, RUSHES[-1], beside=None if victim == "nobody" else kill)
    assert await rush.faults(world) == []
    findings = await audit(faulty.settings, wait=AUDIT_WAIT_SECONDS)
    assert [finding for finding in findings if not finding.is_clean] == []


def test_every_rush_is_linearizable() -> None:
    attempts = [attempt for rush in RUSHES for attempt in rush.attempts]
    operations = assert_linearizable(attempts, Bounds(4, CLAIM_LIFETIME), "rushes")
    assert operations.keys() == {"sale"}


async def _claim(
    world: World, rush: Rush, recording: Recording, beside: Callable[[Rush], Awaitable[None]] | None
) -> None:
    """All users claim at once, and those without an answer again; `beside` runs meanwhile."""
    shoppers = world.shoppers(rush.users)
    meanwhile = asyncio.ensure_future(beside(rush)) if beside else None
    for _ in range(ROUNDS):
        if waiting := [one for one in shoppers if one.id not in rush.answered]:
            calls = zip(waiting, rush.calls(waiting), strict=True)
            recorded = [recorded_call(recording, one, call) for one, call in calls]
            measured = await drive(world.url, recorded, rush.users)
            print(f"  {measured.row(f'{len(waiting)} at once')}")
            if measured.errors:
                await asyncio.sleep(1)
    if meanwhile:
        await meanwhile
