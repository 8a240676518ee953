"""What operators ask a process: whether it is alive, and its metrics, which are for those who know a secret."""

from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from subgraphs.kit.errors import Forbidden
from subgraphs.kit.web.auth import Callers

Handler = Callable[[Request], Awaitable[Response]]


def inside(callers: Callers, answer: Handler) -> Handler:
    """The handler for those who know the router's secret or the peers'; for anyone else a 401 and nothing else."""

    async def guarded(request: Request) -> Response:
        try:
            callers.identify(request.headers)
        except Forbidden:
            return Response(status_code=401)
        return await answer(request)

    return guarded


async def health(request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def metrics(request: Request) -> Response:
    return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)
