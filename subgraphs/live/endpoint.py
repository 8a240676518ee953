"""`GET /sales/{id}/live`: a response that does not end, until the listener or the server goes."""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from subgraphs.contracts.command import MAX_ID
from subgraphs.kit.errors import NotFound, StoreError
from subgraphs.live.events import OPENING
from subgraphs.live.listener import Audience
from subgraphs.live.sales import LiveSales

RETRY_AFTER_SECONDS = 5
HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]


class LiveEndpoint:
    """An ASGI application. It needs the connection itself, as `transport` in the scope's state (server.py)."""

    def __init__(self, sales: LiveSales) -> None:
        self._sales = sales

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        refusal = _malformed(scope["method"], headers)
        if refusal is None:
            try:
                with self._sales.place():
                    audience = await self._audience(scope["path_params"]["id"])
                    await _listen(audience, headers.get("last-event-id"), scope, receive, send)
                return
            except StoreError as error:
                refusal = _refusal(error)
        await refusal(scope, receive, send)

    async def _audience(self, sale_id: str) -> Audience:
        if len(sale_id) > MAX_ID:  # not worth asking stock
            raise NotFound("There is no such flash sale.")
        return await self._sales.audience(sale_id)


async def _listen(audience: Audience, known: str | None, scope: Scope, receive: Receive, send: Send) -> None:
    """Sends the newest event, unless the listener knows it, and lets the audience send those that follow."""
    is_known = known == audience.numbers.version
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    listener = audience.join(scope["state"]["transport"])
    try:
        first = OPENING if is_known else OPENING + audience.event
        await send({"type": "http.response.body", "body": first, "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
    finally:
        audience.listeners.discard(listener)


def _malformed(method: str, headers: Headers) -> Response | None:
    """The answer to a request that is no listener's; None for a good one."""
    if method != "GET":
        return JSONResponse({"error": "Only GET."}, 405, {"allow": "GET"})
    if "transfer-encoding" in headers or headers.get("content-length", "0") != "0":
        return JSONResponse({"error": "A listener sends no body."}, 400, {"connection": "close"})
    return None


def _refusal(error: StoreError) -> Response:
    if isinstance(error, NotFound):
        return JSONResponse({"error": error.message}, 404)
    return JSONResponse({"error": error.message}, 503, {"retry-after": str(RETRY_AFTER_SECONDS)})
