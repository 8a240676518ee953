"""A store as `up` starts it, and headless Chromium with the playground in it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiohttp
import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Request, async_playwright, expect

from router.choice import choose
from router.page_build import build
from router.process import ROUTER, ApolloRouter
from tests.clients import Client
from tests.operator.commands import clean, port_settings
from tests.playground.playground import Playground
from tests.ports import reserved_ports

CHROMIUM = shutil.which("chromium")
PATIENCE = 40_000
"""How long the browser waits for anything, in milliseconds."""
TOKEN_SECONDS = 20
REFUSED = "status of 400 (Bad Request)"
"""Chromium's own message for an operation that the router refuses, which some tests send."""


@dataclass(frozen=True)
class RunningStore:
    graphql: str
    playground: str
    live: str


@pytest.fixture(scope="session")
def chromium() -> str:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: on Debian and Ubuntu `apt install chromium`")
    return CHROMIUM


@pytest.fixture(scope="session")
def store(engine: str, chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A new store with its sample data and accounts, and access tokens that end soon."""
    if engine != "embedded":
        pytest.skip("the playground does not depend on the engine")
    build(print)
    with reserved_ports() as ports:
        settings = {
            **port_settings(ports),
            "STEAMPUNK_STATE": str(tmp_path_factory.mktemp("playground")),
            "STEAMPUNK_ACCESS_TOKEN_LIFETIME": str(TOKEN_SECONDS),
            "STEAMPUNK_GATEWAY": os.environ.get("STEAMPUNK_GATEWAY", ""),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "subgraphs", "up"], env=clean(settings), cwd=ROUTER.parent, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        try:
            said = b""
            for line in process.stdout:
                said += line
                if b"Ctrl-C stops the store." in line:
                    break
            else:
                raise AssertionError(said.decode())
            local = "http://127.0.0.1:"
            graphql = f"{local}{settings['STEAMPUNK_ROUTER_PORT']}/graphql"
            playground, live = settings["STEAMPUNK_PLAYGROUND_PORT"], settings["STEAMPUNK_LIVE_PORT"]
            yield RunningStore(graphql, f"{local}{playground}/", f"{local}{live}/")
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()


@pytest.fixture
def apollo_router() -> None:
    """Skips what the Node gateway lacks."""
    if not isinstance(choose(print), ApolloRouter):
        pytest.skip("Apollo Router is not installed: run `nox -s router`")


@pytest.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        launched = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        await launched.close()


@pytest.fixture
def scheme() -> Literal["light", "dark"]:
    """The colours that the browser prefers."""
    return "light"


@pytest.fixture
async def context(
    browser: Browser, store: RunningStore, scheme: Literal["light", "dark"]
) -> AsyncIterator[BrowserContext]:
    """A browser without a past. Fails the test at its end if a page had errors or asked another host."""
    problems: list[str] = []
    own = (store.graphql, store.playground, store.live, "data:", "blob:")

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.endswith(REFUSED):
            problems.append(f"console: {message.text}")

    def request(sent: Request) -> None:
        if not sent.url.startswith(own):
            problems.append(f"asked {sent.url}")

    context = await browser.new_context(
        viewport={"width": 1400, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE)
    context.on("console", console)
    context.on("request", request)
    context.on("weberror", lambda error: problems.append(f"error: {error.error}"))
    yield context
    await context.close()
    assert problems == []


@pytest.fixture
async def playground(context: BrowserContext, store: RunningStore) -> Playground:
    playground = Playground(await context.new_page(), store.graphql)
    await playground.open(store.playground)
    return playground


@pytest.fixture(scope="session")
async def api(store: RunningStore) -> AsyncIterator[Client]:
    """The store's API without a browser, to read back what happened."""
    async with aiohttp.ClientSession() as http:
        yield Client(http, store.graphql, {})


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures are saved: in the folder that STEAMPUNK_PICTURES names, if it is set."""
    folder = Path(os.environ.get("STEAMPUNK_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
