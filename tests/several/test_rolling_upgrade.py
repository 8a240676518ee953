"""The next version of a subgraph replaces this one, an instance after the other, while shoppers shop.

The next version is this one with the change of docs/guides/add-a-field.md: a column with a default, and a field.
"""

import asyncio
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from schema.composition import install_composer
from tests.clients import SubgraphClient, game_input
from tests.docs.pages import GUIDES_OF_CHANGES, NewFile, Patch, steps
from tests.docs.test_guides import Copy, copied
from tests.faults.shop import PUBLISH
from tests.several.conftest import Running, Shoppers
from tests.several.test_instances import some_requests

AGE = "query ($id: ID!) { out: product(id: $id) { minimumAge } }"


@pytest.fixture
def next_version(tmp_path: Path) -> Path:
    install_composer()
    copy = copied(tmp_path / "next")
    copy.take([step for step in steps(GUIDES_OF_CHANGES[0].read_text()) if isinstance(step, NewFile | Patch)])
    run(copy, "schema")
    return copy.folder


def run(copy: Copy, *arguments: str, **environment: str) -> None:
    """Runs `python -m ...` of that version."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=copy.folder, env=environment or None, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


async def test_the_next_version_takes_over_and_no_request_fails(
    running_several: Running, shoppers: Shoppers, next_version: Path, http: aiohttp.ClientSession
) -> None:
    several, client, developer = running_several.several, shoppers.client, await shoppers.viewers.developer()
    settings = several.settings
    first, second = (
        SubgraphClient(http, f"{several.base_url_of_instance(f'product-{number}')}/graphql", settings.secrets())
        for number in (1, 2)
    )
    async with shoppers.shopping():
        await some_requests(client)
        await asyncio.to_thread(run, Copy(next_version), "subgraphs", "migrate", **settings.environment())
        await some_requests(client)
        await asyncio.to_thread(several.stop_instances, ["product-1"])
        await asyncio.to_thread(several.start_instances, ["product-1"], next_version)
        # Side by side: what either version publishes, the other one can read.
        of_this = await second.data(PUBLISH, {"input": game_input("This version's", "1")}, developer)
        of_next = await first.data(
            PUBLISH, {"input": game_input("The next one's", "1") | {"minimumAge": 16}}, developer
        )
        assert (await first.data(AGE, {"id": of_this["out"]["id"]}))["out"] == {"minimumAge": 0}
        assert (
            await second.data("query ($id: ID!) { out: product(id: $id) { title } }", {"id": of_next["out"]["id"]})
        )["out"] == {"title": "The next one's"}
        assert await second.code(AGE, {"id": of_this["out"]["id"]}) == "BAD_USER_INPUT"
        await some_requests(client)
        await asyncio.to_thread(several.stop_instances, ["product-2"])
        await asyncio.to_thread(several.start_instances, ["product-2"], next_version)
        await asyncio.to_thread(several.restart_one_by_one, ["router"], next_version)
        assert (await client.data(AGE, {"id": of_next["out"]["id"]}))["out"] == {"minimumAge": 16}
        await some_requests(client)
    print(f"  upgraded: {client.sent} requests, {len(client.failed)} failed")
    assert client.failed == []
