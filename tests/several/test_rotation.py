"""Secrets are replaced as docs/keys.md says, while customers sign in and shop, and no request fails."""

import asyncio
from collections.abc import Sequence

import aiohttp

from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.config import SECRET_NAMES, load_secrets
from tests.rotation import rotate, sealed_by, shopping
from tests.several.conftest import Running, Shoppers
from tests.several.store import KINDS, SECRET

SECRETS = "router-secret", "service-secret", "data-key"


async def test_all_secrets_are_replaced_and_no_request_fails(
    running_several: Running, shoppers: Shoppers, http: aiohttp.ClientSession
) -> None:
    client, several = shoppers.client, running_several.several
    before = load_secrets(several.settings.state)
    async with shoppers.shopping(), shopping(client) as customers:
        await step(running_several, "add", SUBGRAPHS)
        await customers.some_rounds()
        await step(running_several, "switch", KINDS)
        await customers.some_rounds()
        await step(running_several, "drop", SUBGRAPHS)
        await customers.some_rounds()
    print(f"  rotated: {client.sent} requests, {len(client.failed)} failed")
    assert client.failed == []

    after = load_secrets(several.settings.state)
    assert after.keys() == set(SECRET_NAMES)
    assert not before.items() & after.items()
    for subgraph in SUBGRAPHS:
        url = running_several.settings.url_of(subgraph)
        statuses = [await status(http, url, secrets[SECRET]) for secrets in (before, after) for _ in range(2)]
        assert statuses == [401, 401, 200, 200]
    users = Database(running_several.settings.database_of("user"), 1)
    assert await sealed_by(users, before["STEAMPUNK_DATA_KEY"]) == 0
    await users.close()


async def step(store: Running, name: str, kinds: Sequence[str]) -> None:
    """Takes a step with each secret, and restarts what has to know."""
    for secret in SECRETS:
        await rotate(store, secret, name)
    if name == "switch":  # its health checks send the new secret
        await asyncio.to_thread(store.several.reload_proxy)
    await asyncio.to_thread(store.several.restart_one_by_one, kinds)


async def status(http: aiohttp.ClientSession, url: str, secret: str) -> int:
    """What the instance whose turn it is answers to whoever sends this secret as the router's."""
    async with http.post(url, json={"query": "{ __typename }"}, headers={"x-router-secret": secret}) as response:
        return response.status
