"""The clients' schema as a file to download, for tools and editors, where introspection is off, too.

The playground serves it. Production has no playground: there `uvicorn --factory router.schema_file:create_app` serves
it and nothing else.
"""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from router.process import ROUTER

API = ROUTER.parent / "schema" / "api.graphql"


async def _send(_: Request) -> FileResponse:
    return FileResponse(API, media_type="text/plain")


SCHEMA_FILE = Route("/schema.graphql", _send)


def create_app() -> Starlette:
    return Starlette(routes=[SCHEMA_FILE])
