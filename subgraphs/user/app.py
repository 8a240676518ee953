"""The user subgraph as an ASGI application."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from subgraphs.kit.jobs import Every
from subgraphs.kit.web.app import Subgraph, create_app
from subgraphs.kit.web.auth import KEYS_PATH
from subgraphs.user.keys import LOAD_SECONDS
from subgraphs.user.resealing import TAKE_OVER_SECONDS
from subgraphs.user.schema import schema
from subgraphs.user.service import UserService
from subgraphs.user.sign_outs import REPAIR_SECONDS


async def start(service: UserService) -> None:
    await service.keys.load()


def jobs(service: UserService) -> Sequence[Every]:
    return [
        Every(REPAIR_SECONDS, "announce ended sessions", service.sessions.sign_outs.repair),
        Every(LOAD_SECONDS, "load the signing keys", service.keys.load),
        *([Every(1, "send mails", service.post.due_work.do)] if service.post.is_open else []),
        Every(TAKE_OVER_SECONDS, "take over accounts", service.resealing.take_over),
    ]


def routes(service: UserService) -> Sequence[Route]:
    async def jwks(request: Request) -> JSONResponse:
        """The public keys that access tokens are checked against (RFC 7517)."""
        return JSONResponse({"keys": [signer.public_jwk() for signer in await service.keys.load()]})

    return [Route(KEYS_PATH, jwks)]


subgraph = Subgraph(
    name="user",
    schema=schema,
    service=UserService,
    start=start,
    jobs=jobs,
    routes=routes,
)


def create() -> Starlette:
    return create_app(subgraph)
