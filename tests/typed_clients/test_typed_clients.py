"""Typed clients, generated from the clients' schema, compile strictly and live through a customer's whole story.

docs/guides/typed-clients.md shows these files.
"""

import asyncio
import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from router import npm
from router.environments import ROOT, tools
from tests.clients import eventually, sale_input
from tests.own_store import OwnStore
from tests.shop import FLASH_SALE, Shop

FOLDER = Path(__file__).parent
GUIDE = ROOT / "docs" / "guides" / "typed-clients.md"
SHOWN = re.compile(r"```(?:graphql|python|toml|typescript|yaml)\n(.*?)```", re.DOTALL)


async def run(folder: Path, *command: object) -> str:
    """What a program prints."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command), cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output = (await process.communicate())[0].decode()
    assert process.returncode == 0, output
    return output


async def typescript(*story: str) -> str:
    """Generates the client, compiles it with the story, and runs both."""
    node, folder = npm.install(FOLDER, print), FOLDER / "typescript"
    packages = FOLDER / "node_modules"
    await run(folder, node, packages / "@graphql-codegen/cli/esm/bin.js", "--config", "codegen.yml")
    await run(folder, node, packages / "typescript/bin/tsc", "--project", folder)
    return await run(folder, node, "generated/built/story.js", *story)


async def python(*story: str) -> str:
    """Generates the client, checks its types and the story's, and runs both."""
    programs, folder = tools("typed-clients") / "bin", FOLDER / "python"
    await run(folder, programs / "ariadne-codegen")
    await run(folder, programs / "python", "-m", "mypy", "story.py")
    return await run(folder, programs / "python", "story.py", *story)


@pytest.mark.parametrize("client", [typescript, python])
async def test_a_typed_client_lives_through_a_customers_story(
    running: OwnStore, shop: Shop, client: Callable[..., Any]
) -> None:
    title = f"Quest{uuid.uuid4().hex}"
    game = await shop.games.new(usd="9.99", title=title)
    rare = await shop.games.new(usd="19.99")
    created = await shop.client.data(FLASH_SALE, {"input": sale_input(rare, 500, 1)}, shop.games.developer)
    sale = created["createFlashSale"]["id"]
    seen = await client(running.store.settings.graphql_url, f"{uuid.uuid4()}@example.com", title, sale)
    assert json.loads(seen.splitlines()[-1]) == {
        "points": 1_000_000,
        "game": title,
        "price": 12_987,
        "refund": "IN_PROGRESS",
        "library": [{"id": game, "played": True}],
    }

    async def is_for_others_again() -> bool:
        left = await shop.client.data("query($id: ID!) { flashSale(id: $id) { remaining } }", {"id": sale})
        return bool(left["flashSale"]["remaining"] == 1)

    # Read back by another client: the unit of the refunded claim, which others may see some seconds later.
    await eventually(is_for_others_again, seconds=30)


def test_the_guide_shows_what_is_tested() -> None:
    names = ["store.graphql", "python/pyproject.toml", "python/story.py", "typescript/codegen.yml"]
    names += ["typescript/send.ts", "typescript/story.ts"]
    tested = "\n".join((FOLDER / name).read_text() for name in names)
    shown = SHOWN.findall(GUIDE.read_text())
    assert shown
    assert [block for block in shown if block not in tested] == []
