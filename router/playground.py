"""The playground: a page for writing operations, with the schema and the router's query plans beside them.

`uvicorn --factory router.playground:create_app` serves it, without any other host. The router must allow the page's
origin (ROUTER_PLAYGROUND_ORIGIN).
"""

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from router.client import ENDPOINT
from router.pictures import picture
from router.process import ROUTER

SCENES = "0", "1", "2"
PICTURE_HEADERS = {"cache-control": "public, max-age=86400", "content-security-policy": "default-src 'none'"}


def create_app() -> Starlette:
    """Serves the page. Its endpoint is STEAMPUNK_GRAPHQL_URL, or `?endpoint=` in the page's address."""
    endpoint = os.environ.get("STEAMPUNK_GRAPHQL_URL", ENDPOINT)

    async def config(_: Request) -> JSONResponse:
        return JSONResponse({"endpoint": endpoint})

    return Starlette(
        routes=[
            Route("/config.json", config),
            Route("/pictures/{game_id}/{title}.svg", _picture),
            Mount("/", StaticFiles(directory=ROUTER / "page", html=True)),
        ]
    )


async def _picture(request: Request) -> Response:
    """A game's picture; `?scene=1` and so on are its screenshots."""
    scene = request.query_params.get("scene", "0")
    svg = picture(**request.path_params, scene=int(scene) if scene in SCENES else 0)
    return Response(svg, media_type="image/svg+xml", headers=PICTURE_HEADERS)
