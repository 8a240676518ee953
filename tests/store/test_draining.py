"""A subgraph that gets SIGTERM goes on for a while, and says that it is not ready."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from subgraphs.store.forked import Subgraph
from tests.clients import eventually
from tests.own_store import OwnStore
from tests.ports import reserved_ports

pytestmark = pytest.mark.engineless


async def test_a_process_serves_unready_until_its_proxy_has_noticed_and_then_ends(
    running: OwnStore, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    settings = running.store.settings
    headers = settings.router_headers()
    with reserved_ports() as ports:
        url = f"http://127.0.0.1:{ports[0]}"
        child = Subgraph("library", ports[0], 1, settings.environment() | {"STEAMPUNK_DRAIN_TIME": "10"}, tmp_path)

        async def ready() -> int:
            async with http.get(f"{url}/ready", headers=headers) as response:
                return response.status

        async def has(status: int) -> bool:
            try:
                return await ready() == status
            except aiohttp.ClientError:
                return False

        async def answer() -> tuple[int, str | None]:
            async with http.post(f"{url}/graphql", json={"query": "{ __typename }"}, headers=headers) as response:
                return response.status, response.headers.get("connection")

        try:
            await eventually(lambda: has(200), seconds=60)
            assert await answer() == (200, None)
            child.terminate()
            await eventually(lambda: has(503), seconds=5)
            assert await answer() == (200, "close")
            assert await asyncio.to_thread(child.exit_code, 60) is not None
            assert not await has(503)
        finally:
            child.kill()
