"""Instances end, by SIGTERM or a kill, while shoppers shop at the others."""

import asyncio
import time

from tests.clients import eventually
from tests.several.conftest import Running, Shoppers
from tests.several.load import Kills, WatchedClient
from tests.several.store import KINDS, NUMBERS

SOME = 40
CHECKS_SECONDS = 5.0
"""Long enough for HAProxy to check each instance several times."""


async def some_requests(client: WatchedClient, count: int = SOME) -> None:
    wanted = client.sent + count

    async def sent() -> bool:
        return client.sent >= wanted

    await eventually(sent, seconds=120)


async def test_no_request_fails_at_sigterm_and_only_those_in_flight_at_a_kill(
    running_several: Running, shoppers: Shoppers
) -> None:
    several, client, kills = running_several.several, shoppers.client, Kills([])
    first, second = ([f"{kind}-{number}" for kind in KINDS] for number in NUMBERS)
    async with shoppers.shopping():
        await some_requests(client)
        await asyncio.to_thread(several.stop_instances, first)
        assert not several.in_rotation() & set(first)
        await some_requests(client)
        await asyncio.to_thread(several.start_instances, first)
        await some_requests(client)
        print(f"  stopped {len(first)}: {client.sent} requests, {len(client.failed)} failed")
        assert client.failed == []

        for name in second:
            with kills.one(client):
                several.children[name].kill()
            await some_requests(client)
        await asyncio.to_thread(several.start_instances, second)
        await some_requests(client)
    print(f"  killed {len(second)}: {client.sent} requests, {kills.in_flight} in flight, {len(client.failed)} failed")
    assert [request for request in client.failed if not kills.explain(request)] == []


async def test_no_instance_is_taken_out_while_redis_is_gone(running_several: Running) -> None:
    several, redis = running_several.several, running_several.servers["redis"]
    every = several.in_rotation()
    redis.kill()
    until = time.monotonic() + CHECKS_SECONDS
    try:
        while time.monotonic() < until:
            assert several.in_rotation() == every
            await asyncio.sleep(0.1)
    finally:
        redis.restart()
        await asyncio.to_thread(several.wait_answered, every)
