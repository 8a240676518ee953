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

AUDIT_WAIT_SECONDS = 60
ROUNDS = 60


@pytest.fixture(scope="module", autouse=True)
async def long_claims(faulty: FaultyStore) -> AsyncIterator[None]:
    """Makes claims outlive the rush."""
    faulty.serve_with("stock", STEAMPUNK_CLAIM_LIFETIME="600")
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
    await _claim(world, rush, beside=None if victim == "nobody" else kill)
    assert await rush.faults(world) == []
    findings = await audit(faulty.settings, wait=AUDIT_WAIT_SECONDS)
    assert [finding for finding in findings if not finding.is_clean] == []


async def _claim(world: World, rush: Rush, beside: Callable[[Rush], Awaitable[None]] | None) -> None:
    """All users claim at once, and those without an answer again; `beside` runs meanwhile."""
    shoppers = world.shoppers(rush.users)
    meanwhile = asyncio.ensure_future(beside(rush)) if beside else None
    for _ in range(ROUNDS):
        if waiting := [one for one in shoppers if one.id not in rush.answered]:
            measured = await drive(world.url, rush.calls(waiting), rush.users)
            print(f"  {measured.row(f'{len(waiting)} at once')}")
            if measured.errors:
                await asyncio.sleep(1)
    if meanwhile:
        await meanwhile
