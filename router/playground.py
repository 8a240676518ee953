"""The playground: GraphiQL with plugins of our own, served without any other host.

`uvicorn --factory router.playground:create_app` serves it. The router must allow the page's origin
(ROUTER_PLAYGROUND_ORIGIN). The page is built in the background if it is not in the cache yet.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path
from typing import Any

from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from router.client import store_endpoint
from router.page_build import page_folder
from router.pictures import PICTURES
from router.plan_drawing import draw
from router.process import ROUTER
from router.schema_file import SCHEMA_FILE

BUILD = [sys.executable, "-m", "router", "page"]
NICE = 10
WAITING = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">{refresh}
<title>STEAM-PUNK playground</title><body style="font: 16px system-ui; margin: 3rem; max-width: 50rem">
<h1>{title}</h1><p>{text}</p><pre style="white-space: pre-wrap">{details}</pre></body></html>"""


def create_app() -> Starlette:
    """Serves the page, its settings, the reader of plans, and the file of the schema."""
    page = Page(page_folder())
    routes = [
        Route("/config.json", config),
        Route("/plan", plan, methods=["POST"]),
        PICTURES,
        SCHEMA_FILE,
        Mount("/", page),
    ]
    return Starlette(routes=routes, lifespan=page.lifespan)


async def config(_: Request) -> JSONResponse:
    """The endpoint, where live numbers are served if they are (STEAMPUNK_LIVE_URL), and the accounts to sign in with
    (STEAMPUNK_PLAYGROUND_ACCOUNTS, a JSON list).
    """
    accounts = json.loads(os.environ.get("STEAMPUNK_PLAYGROUND_ACCOUNTS", "[]"))
    live = os.environ.get("STEAMPUNK_LIVE_URL", "")
    return JSONResponse({"endpoint": store_endpoint(), "live": live, "accounts": accounts})


async def plan(request: Request) -> JSONResponse:
    """A router's plan (`extensions.apolloQueryPlan.object`), read for drawing."""
    try:
        return JSONResponse(draw(await request.json()))
    except (ValueError, GraphQLError) as error:  # msgspec.ValidationError is a ValueError
        return JSONResponse({"error": f"This is not a query plan: {error}"}, 400)


class Page:
    """The files of the built page. Until they are there, a note that says so and reloads itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = StaticFiles(directory=folder, html=True, check_dir=False)
        self.failure = ""

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Builds the page in the background if needed."""
        building = asyncio.create_task(self._build())
        yield
        building.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await building

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        respond: Any = self.files if self.folder.exists() else self._note()
        await respond(scope, receive, send)

    def _note(self) -> HTMLResponse:
        if self.failure:
            text = "The store itself serves. Mend the cause below, and start the playground again."
            note = WAITING.format(
                refresh="", title="The playground cannot be built", text=text, details=escape(self.failure)
            )
        else:
            refresh = '<meta http-equiv="refresh" content="2">'
            text = "It is built once, in about half a minute, and shows itself then. The store already serves."
            note = WAITING.format(refresh=refresh, title="The playground is being prepared", text=text, details="")
        return HTMLResponse(note, 503)

    async def _build(self) -> None:
        if self.folder.exists():
            return
        building = await asyncio.create_subprocess_exec(
            "nice", f"-n{NICE}", *BUILD, cwd=ROUTER.parent, stderr=asyncio.subprocess.PIPE
        )
        try:
            _, told = await building.communicate()
        except asyncio.CancelledError:
            building.terminate()
            await building.wait()
            raise
        if building.returncode:
            self.failure = told.decode(errors="replace")
