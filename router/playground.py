"""The playground: a page to write operations in, with the schema and the router's query plans beside them.

It is served by the store itself and needs no network: `uvicorn --factory router.playground:create_app`. The
router answers the page's requests only if it allows the page's origin (ROUTER_PLAYGROUND_ORIGIN).
"""

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from router.client import ENDPOINT
from router.process import ROOM


def create_app() -> Starlette:
    """The page with its endpoint from STEAMPUNK_GRAPHQL_URL; `?endpoint=` in its address names another."""
    endpoint = os.environ.get("STEAMPUNK_GRAPHQL_URL", ENDPOINT)

    async def config(_: Request) -> JSONResponse:
        return JSONResponse({"endpoint": endpoint})

    return Starlette(
        routes=[
            Route("/config.json", config),
            Mount("/", StaticFiles(directory=ROOM / "page", html=True)),
        ]
    )
