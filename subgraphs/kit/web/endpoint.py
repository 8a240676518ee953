"""The GraphQL endpoint of each subgraph, and what clients see of errors."""

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Generic

import msgspec
from graphql import ExecutionResult, GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from subgraphs.kit import telemetry, tracing
from subgraphs.kit.database.database import INFRASTRUCTURE
from subgraphs.kit.errors import BadUserInput, Forbidden, QueryTooComplex, StoreError, Unavailable
from subgraphs.kit.graphql.closed import without_suggestions
from subgraphs.kit.graphql.counted import Counted
from subgraphs.kit.graphql.limits import exceeds_the_parser
from subgraphs.kit.graphql.prepared import NoOperation, Operations
from subgraphs.kit.graphql.references import reference_pattern
from subgraphs.kit.graphql.schema import Schema
from subgraphs.kit.web.allowance import PLACES_HEADER, Allowance, Spending
from subgraphs.kit.web.auth import Caller, Callers, Tokens
from subgraphs.kit.web.body import JSON, Refused, read_operation
from subgraphs.kit.web.context import Context, ServiceT

# Caps the client operations in progress: enough to fill the largest batch while another one runs.
AT_ONCE = 400
GRAPHQL_RESPONSE = "application/graphql-response+json"


class Endpoint(Generic[ServiceT]):
    """The GraphQL endpoint of one subgraph, an ASGI application."""

    def __init__(self, schema: Schema, service: ServiceT, callers: Callers, tokens: Tokens) -> None:
        self._operations = Operations(schema)
        self._service = service
        self._callers = callers
        self._tokens = tokens
        self._spending = Spending()
        self._references = reference_pattern(schema.core)
        for known in Caller:
            telemetry.REQUESTS.labels(caller=known.value)
            telemetry.REQUEST_SECONDS.labels(caller=known.value)
        # Peers bypass the cap, or they could deadlock.
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request. A caller that is neither the router nor a peer gets 401 and nothing else."""
        started = time.perf_counter()
        request = Request(scope, receive)
        headers = _headers(scope)
        try:
            caller = self._callers.identify(headers)
        except Forbidden:
            await Response(status_code=401)(scope, receive, send)
            return
        request_id = headers.get("x-request-id") or uuid.uuid4().hex
        telemetry.begin_request(request_id)
        with tracing.span("operation", headers.get(tracing.HEADER, "")) as span:
            async with self._turns if caller is Caller.ROUTER else nullcontext():
                answer = await self._answer(request, headers, request_id, caller)
            if span is not None and answer.counted is not None:
                span.name = answer.counted.field
                span.attributes["graphql.operation.name"] = answer.counted.name
        telemetry.REQUESTS.labels(caller=caller.value).inc()
        seconds = time.perf_counter() - started
        telemetry.REQUEST_SECONDS.labels(caller=caller.value).observe(seconds)
        if answer.counted is not None:
            answer.counted.answered(seconds, answer.codes)
        await answer.send(send, headers.get("accept", ""))

    async def _answer(self, request: Request, headers: Mapping[str, str], request_id: str, caller: Caller) -> "_Answer":
        allowance = Allowance(
            self._spending if caller is Caller.ROUTER else None, request_id, headers.get(PLACES_HEADER)
        )
        identity = await self._identity(headers)
        context = Context(request, request_id, caller, self._service, identity, allowance)
        try:
            asked = await read_operation(headers, request.receive)
            result = await self._operations.run(asked.query, asked.operation_name, asked.variables, context)
        except Refused as refusal:
            return _refusal(refusal.status, str(refusal))
        except NoOperation as refusal:
            return _refusal(400, str(refusal))
        answer = _answer_of(result, request_id)
        answer.places = allowance.places_after(answer.body, self._references)
        answer.counted = context.counted
        return answer

    async def _identity(self, headers: Mapping[str, str]) -> Any:
        try:
            return await self._tokens.viewer(headers.get("authorization"))
        except StoreError as error:
            return error  # raised by fields that need a viewer; public fields answer anybody


@dataclass
class _Answer:
    """A response, whatever media type the caller accepts."""

    body: bytes
    status: int = 200
    is_refusal: bool = False
    """Whether the whole operation was refused: then GraphQL's own media type has another status."""
    places: int | None = None
    codes: Sequence[str] = ()
    """The codes of its errors."""
    counted: Counted | None = None
    """What the operation is counted as, if it was valid."""

    async def send(self, send: Send, accept: str) -> None:
        status, media_type = self.status, JSON
        if GRAPHQL_RESPONSE in accept:
            media_type = f"{GRAPHQL_RESPONSE}; charset=utf-8"
            status = 400 if self.is_refusal else status
        headers = [
            (b"content-length", str(len(self.body)).encode()),
            (b"content-type", media_type.encode()),
        ]
        if self.places is not None:
            headers.append((PLACES_HEADER.encode(), str(self.places).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def _headers(scope: Scope) -> dict[str, str]:
    """A request's headers. Of those with the same name the first one counts."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}


def _answer_of(result: ExecutionResult, request_id: str) -> _Answer:
    """Without data if the operation was refused as a whole. Errors of single fields have a path."""
    errors = result.errors or ()
    is_refused = result.data is None and not any(error.path for error in errors)
    content: dict[str, Any] = {} if is_refused else {"data": result.data}
    if errors:
        content["errors"] = [present(error, request_id) for error in errors]
    codes = [error["extensions"]["code"] for error in content.get("errors", ())]
    return _Answer(msgspec.json.encode(content), is_refusal=is_refused, codes=codes)


def _refusal(status: int, message: str) -> _Answer:
    error = {"message": message, "extensions": BadUserInput("request", message).extensions}
    return _Answer(msgspec.json.encode({"errors": [error]}), status)


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
