"""A primary is lost in the middle of a flash sale, with writes that it has acknowledged."""

import asyncio
import time
from collections.abc import Callable

import aiohttp

from perf.load import drive
from perf.scenarios.rush import CLAIM, open_rush
from perf.world import World
from subgraphs.store.audit import audit
from tests.clients import Account, Client, Metrics, eventually
from tests.clusters.redis.failover import fail_over
from tests.clusters.redis.nodes import Arrangement, Node
from tests.faults.injections import within

USERS, UNITS, PER_SECOND, CONNECTIONS = 400, 200, 40, 40
BEGUN, ALONE = 60, 10
"""How many have won when replication stops, and how many win until the primary is lost."""
WAIT_SECONDS, AUDIT_SECONDS = 120, 60
ANSWERED = "steampunk_claims_answered_total"


async def test_a_failover_in_a_flash_sale_costs_no_unit_and_no_claim(
    healed: Arrangement,
    loss: str,
    world: World,
    http: aiohttp.ClientSession,
    metrics: Metrics,
    record_property: Callable[[str, object], None],
) -> None:
    rush = await open_rush(world, USERS, UNITS)
    shoppers, client = world.shoppers(USERS), Client(http, world.url, {})

    won_alone: set[str] = set()

    async def win_alone(_: Node) -> None:
        before = set(rush.won)
        assert await within(WAIT_SECONDS, lambda: len(rush.won) >= len(before) + ALONE)
        won_alone.update(rush.won.keys() - before)

    async def lose() -> None:
        assert await within(WAIT_SECONDS, lambda: len(rush.won) >= BEGUN)
        failover = await fail_over(healed, rush.sale_id, loss, win_alone)
        last = next(one for one in shoppers if one.id in won_alone)

        async def is_fast() -> bool:
            """Whether the cache answers a winner who claims again, and with the claim that was acknowledged."""
            before = await metrics.value("stock", ANSWERED, by="cache")
            answer = await client.data(CLAIM, {"sale": rush.sale_id}, Account(last.id, last.token))
            assert answer["claim"]["id"] == rush.won[last.id]
            return await metrics.value("stock", ANSWERED, by="cache") > before

        await eventually(is_fast, WAIT_SECONDS)
        fast_at = time.monotonic()
        promoted, fast = failover.promoted_at - failover.lost_at, fast_at - failover.lost_at
        print(f"  {loss}: promoted after {promoted:.1f} s, fast path after {fast:.1f} s, {len(rush.answered)} answered")
        record_property("fault", f"primary {loss} in a flash sale")

    losing = asyncio.create_task(lose())
    measured = await drive(world.url, rush.calls(shoppers), CONNECTIONS, PER_SECOND)
    print(f"  {measured.row('flash sale')}")
    await losing
    assert measured.errors == 0, measured.samples
    assert await rush.faults(world) == []
    await healed.heal()
    assert [finding for finding in await audit(world.kit, wait=AUDIT_SECONDS) if not finding.is_clean] == []
