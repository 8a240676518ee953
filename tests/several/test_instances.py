"""Instances end, by SIGTERM or a kill, while shoppers shop at the others."""

import asyncio

from tests.clients import eventually
from tests.several.conftest import Running, Shoppers
from tests.several.load import Kills, WatchedClient
from tests.several.store import KINDS

SOME = 40


async def some_requests(client: WatchedClient, count: int = SOME) -> None:
    wanted = client.sent + count

    async def sent() -> bool:
        return client.sent >= wanted

    await eventually(sent, seconds=120)


async def test_no_request_fails_when_one_of_each_is_stopped(running_several: Running, shoppers: Shoppers) -> None:
    several, client, first = running_several.several, shoppers.client, [f"{kind}-1" for kind in KINDS]
    async with shoppers.shopping():
        await some_requests(client)
        await asyncio.to_thread(several.stop_instances, first)
        assert not several.in_rotation() & set(first)
        await some_requests(client)
        await asyncio.to_thread(several.start_instances, first)
        await some_requests(client)
    print(f"  stopped {len(first)}: {client.sent} requests, {len(client.failed)} failed")
    assert client.failed == []


async def test_only_requests_in_flight_fail_when_one_of_each_is_killed(
    running_several: Running, shoppers: Shoppers
) -> None:
    several, client, second, kills = (
        running_several.several,
        shoppers.client,
        [f"{kind}-2" for kind in KINDS],
        Kills([]),
    )
    async with shoppers.shopping():
        await some_requests(client)
        for name in second:
            with kills.one(client):
                several.children[name].kill()
            await some_requests(client)
        await asyncio.to_thread(several.start_instances, second)
        await some_requests(client)
    unexplained = [request for request in client.failed if not kills.explain(request)]
    print(f"  killed {len(second)}: {client.sent} requests, {kills.in_flight} in flight, {len(client.failed)} failed")
    assert unexplained == []
