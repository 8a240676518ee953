"""The GraphQL endpoint of each subgraph, and what clients see of errors."""

import asyncio
import time
import uuid
from contextlib import nullcontext
from typing import Any, Generic

import msgspec
from cross_web import HTTPException, StarletteRequestAdapter
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.types import ExecutionResult

from subgraphs.kit import telemetry
from subgraphs.kit.database.database import INFRASTRUCTURE
from subgraphs.kit.errors import BadUserInput, Forbidden, QueryTooComplex, StoreError, Unavailable
from subgraphs.kit.graphql.closed import without_suggestions
from subgraphs.kit.graphql.limits import exceeds_the_parser
from subgraphs.kit.graphql.schema import Schema
from subgraphs.kit.web.allowance import PLACES_HEADER, Allowance, Spending
from subgraphs.kit.web.auth import Caller, Callers, Tokens
from subgraphs.kit.web.body import Refused, read_operation
from subgraphs.kit.web.context import Context, ServiceT

# Caps the client operations in progress: enough to fill the largest batch while another one runs.
AT_ONCE = 400
GRAPHQL_RESPONSE = "application/graphql-response+json"


class RequestAdapter(StarletteRequestAdapter):
    """Strawberry's view of a request, and the request."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.request = request


class Endpoint(GraphQL[Context[ServiceT], None], Generic[ServiceT]):
    """The GraphQL endpoint of one subgraph."""

    request_adapter_class = RequestAdapter

    def __init__(self, schema: Schema, service: ServiceT, callers: Callers, tokens: Tokens) -> None:
        super().__init__(schema, graphql_ide=None, allow_queries_via_get=False, subscription_protocols=())
        self._service = service
        self._callers = callers
        self._tokens = tokens
        self._spending = Spending()
        # Peers bypass the cap, or they could deadlock.
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def handle(self, request: Request) -> Response:
        """Answers one request. A caller that is neither the router nor a peer gets 401 and nothing else."""
        request_id = request.headers.get("x-request-id") or uuid.uuid4().hex
        telemetry.begin_request(request_id)
        started = time.perf_counter()
        try:
            caller = self._callers.identify(request.headers)
        except Forbidden:
            return Response(status_code=401)
        async with self._turns if caller is Caller.ROUTER else nullcontext():
            response = await self._answer(request, request_id, caller)
        if GRAPHQL_RESPONSE in request.headers.get("accept", ""):
            response.headers["content-type"] = f"{GRAPHQL_RESPONSE}; charset=utf-8"
            if getattr(request.state, "refused", False):
                response.status_code = 400
        telemetry.REQUESTS.labels(caller=caller.value).inc()
        telemetry.REQUEST_SECONDS.labels(caller=caller.value).observe(time.perf_counter() - started)
        return response

    async def _answer(self, request: Request, request_id: str, caller: Caller) -> Response:
        spending = self._spending if caller is Caller.ROUTER else None
        allowance = Allowance(spending, request_id, request.headers.get(PLACES_HEADER))
        context = Context(request, request_id, caller, self._service, await self._identity(request), allowance)
        try:
            response: Response = await self.run(request, context=context)
        except Refused as refusal:
            return _refusal(refusal.status, str(refusal))
        except HTTPException as refusal:
            return _refusal(refusal.status_code, refusal.reason)
        response.headers[PLACES_HEADER] = str(allowance.places_after(bytes(response.body)))
        return response

    async def parse_http_body(self, request: Any) -> GraphQLRequestData:
        """Strawberry's hook. Raises Refused."""
        return await read_operation(request.request)

    async def _identity(self, request: Request) -> Any:
        try:
            return await self._tokens.viewer(request.headers.get("authorization"))
        except StoreError as error:
            return error  # raised by fields that need a viewer; public fields answer anybody

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """The response body: without data if the operation was refused as a whole."""
        request.state.refused = _is_refused(result)
        data: GraphQLHTTPResponse = {} if request.state.refused else {"data": result.data}
        if result.errors:
            request_id = telemetry.request_id()
            data["errors"] = [present(error, request_id) for error in result.errors]
        return data

    def encode_json(self, data: object) -> bytes:
        return msgspec.json.encode(data)


def _is_refused(result: ExecutionResult) -> bool:
    """Whether the whole operation was refused. Errors of single fields have a path."""
    return result.data is None and not any(error.path for error in result.errors or ())


def _refusal(status: int, message: str) -> Response:
    error = {"message": message, "extensions": BadUserInput("request", message).extensions}
    return JSONResponse({"errors": [error]}, status_code=status)


def present(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """An error as a client sees it: with a stable code, and no internals."""
    formatted = error.formatted
    cause = _client_error(error)
    if cause is None:
        telemetry.logger().error("unexpected error", path=error.path, exc_info=error.original_error)
        cause = StoreError("Something went wrong on our side.", requestId=request_id)
    telemetry.ERRORS.labels(code=cause.code).inc()
    return {**formatted, "message": cause.message, "extensions": cause.extensions}


def _client_error(error: GraphQLError) -> StoreError | None:
    """The error to show; None for an unexpected one."""
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, StoreError):
        return cause
    if isinstance(cause, INFRASTRUCTURE):
        telemetry.logger().warning("infrastructure does not answer", error=repr(cause))
        return Unavailable("The store cannot answer this right now. Try again.")
    if cause is None or isinstance(cause, GraphQLError):
        message = without_suggestions(error.message)
        return QueryTooComplex(message) if exceeds_the_parser(error) else BadUserInput("query", message)
    return None
