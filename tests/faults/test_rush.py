"""With many concurrent claims on few units, each unit is claimed once, even if a process is killed meanwhile."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from perf.common import World
from perf.rush import Rush, measure
from subgraphs.store.audit import audit
from tests.faults.injections import within
from tests.faults.store import FaultyStore

AUDIT_WAIT_SECONDS = 60


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

    measured, wrong = await measure(
        world,
        users=many,
        units=10 if units == "ten" else many // 2,
        concurrency=many,
        persist=True,
        meanwhile=None if victim == "nobody" else kill,
    )
    print(f"  {measured.row(f'{units} units for {many}, killed: {victim}')}")
    assert not wrong
    findings = await audit(faulty.settings, wait=AUDIT_WAIT_SECONDS)
    assert [finding for finding in findings if not finding.is_clean] == []
