"""The playground: a page for writing operations, with the schema and the router's query plans beside them.

`uvicorn --factory router.playground:create_app` serves it, without any other host. The router must allow the page's
origin (ROUTER_PLAYGROUND_ORIGIN).
"""

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from router.client import ENDPOINT
from router.process import ROUTER


def create_app() -> Starlette:
    """Serves the page. Its endpoint is STEAMPUNK_GRAPHQL_URL, or `?endpoint=` in the page's address."""
    endpoint = os.environ.get("STEAMPUNK_GRAPHQL_URL", ENDPOINT)

    async def config(_: Request) -> JSONResponse:
        return JSONResponse({"endpoint": endpoint})

    return Starlette(
        routes=[
            Route("/config.json", config),
            Mount("/", StaticFiles(directory=ROUTER / "page", html=True)),
        ]
    )
