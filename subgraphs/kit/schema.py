"""GraphQL in each subgraph: the schema's limits, its endpoint, and how errors leave."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import nullcontext
from functools import cached_property
from typing import Any, Generic, NewType

import msgspec
import strawberry
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.extensions.max_aliases import create_validator as limit_aliases
from strawberry.extensions.query_depth_limiter import create_validator as limit_depth
from strawberry.federation.schema import FederationAny
from strawberry.federation.schema import Schema as FederationSchema
from strawberry.federation.schema_directives import Inaccessible, Key
from strawberry.federation.types import FieldSet
from strawberry.http import GraphQLHTTPResponse
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, ExecutionResult, Info

from subgraphs.contracts.confirm import applied_step
from subgraphs.contracts.step import OutcomeT, RequestT, Step
from subgraphs.kit import telemetry
from subgraphs.kit.auth import Caller, Callers, Tokens
from subgraphs.kit.context import Context, ServiceT
from subgraphs.kit.database import INFRASTRUCTURE
from subgraphs.kit.errors import BadUserInput, Forbidden, QueryTooComplex, StoreError, Unavailable

MAX_DEPTH = 15
MAX_ALIASES = 60
MAX_TOKENS = 5000
CACHED_DOCUMENTS = 500
# Operations of clients that are under way at once: enough to fill the largest batch while another one runs.
AT_ONCE = 400
GRAPHQL_RESPONSE = "application/graphql-response+json"

# Built once: ValidationCache keys on these objects, and rules made per request would never hit it.
LIMITS = (limit_depth(MAX_DEPTH, None, None), limit_aliases(MAX_ALIASES))

REFERENCE = Key(fields=FieldSet("id"), resolvable=False)
"""The key of an entity that this subgraph only points to: another one resolves it."""

StepMessage = NewType("StepMessage", object)
_STEP_MESSAGE = strawberry.scalar(
    name="StepMessage",
    description="A message of an internal step, as its contract defines it.",
    directives=(Inaccessible(),),
    serialize=lambda value: value,
    parse_value=lambda value: value,
)


class Limits(SchemaExtension):
    """Refuses operations that are deeper or larger than any that this store's schema asks for."""

    def on_operation(self) -> Iterator[None]:
        context = self.execution_context
        context.parse_options["max_tokens"] = MAX_TOKENS
        context.validation_rules = (*context.validation_rules, *LIMITS)
        yield


class Schema(FederationSchema):
    """A subgraph's schema."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing here: `present` logs what is worth a log line, with the request's id."""

    def entities_resolver(self, info: Info, representations: list[FederationAny]) -> list[FederationAny]:
        """Each representation by itself: one that names no type of ours is an error of its own."""
        return [entity for one in representations for entity in self._entity(info, one)]

    def _entity(self, info: Info, representation: Any) -> list[Any]:
        if not isinstance(representation, dict) or representation.get("__typename") not in self._entities:
            return [BadUserInput("representations", "This is not an entity of this subgraph.")]
        return super().entities_resolver(info, [FederationAny(representation)])

    @cached_property
    def _entities(self) -> frozenset[str]:
        entity = self._schema.type_map.get("_Entity")
        return frozenset(one.name for one in getattr(entity, "types", ()))


def build_schema(query: type, mutation: type | None = None, types: tuple[type, ...] = ()) -> Schema:
    """The executable schema of a subgraph."""
    return Schema(
        query=query,
        mutation=mutation,
        types=types,
        federation_version="2.9",
        config=StrawberryConfig(scalar_map={StepMessage: _STEP_MESSAGE}),
        extensions=[
            Limits,
            lambda: ParserCache(maxsize=CACHED_DOCUMENTS),
            lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
        ],
    )


def step_field(
    step: Step[RequestT, OutcomeT],
    take: Callable[[Any], Callable[[list[RequestT]], Awaitable[list[OutcomeT]]]],
) -> Any:
    """The GraphQL field of an internal step; `take` picks the method of the service that takes it."""
    return _step_field(step, lambda context: take(context.service))


def applied_events_field(consumer: str) -> Any:
    """The step field by which producers learn which events `consumer` has applied."""

    def applied(context: Context[Any]) -> Any:
        telemetry.begin_background()  # no client waits for it: it must not count as a request's cost
        return context.request.app.state.inbox.applied

    return _step_field(applied_step(consumer), applied)


def _step_field(step: Step[RequestT, OutcomeT], take: Callable[[Context[Any]], Any]) -> Any:
    async def resolve(info: Info[Context[Any], None], requests: list[StepMessage]) -> list[StepMessage]:
        info.context.require_peer()
        decoded = msgspec.convert(requests, list[step.request])  # type: ignore[name-defined]
        outcomes = await take(info.context)(decoded)
        return [StepMessage(outcome) for outcome in msgspec.to_builtins(outcomes)]

    return strawberry.federation.field(
        resolver=resolve, name=step.field, description=step.description, inaccessible=True
    )


class Endpoint(GraphQL[Context[ServiceT], None], Generic[ServiceT]):
    """The GraphQL endpoint of one subgraph."""

    def __init__(self, schema: Schema, service: ServiceT, callers: Callers, tokens: Tokens) -> None:
        super().__init__(schema, graphql_ide=None, allow_queries_via_get=False, subscription_protocols=())
        self._service = service
        self._callers = callers
        self._tokens = tokens
        # Ten thousand that are all begun are all late; peers pass, or steps would wait for those who wait for them.
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def handle(self, request: Request) -> Response:
        """Answers one request; who is neither the router nor a peer gets 403."""
        request_id = request.headers.get("x-request-id") or uuid.uuid4().hex
        telemetry.begin_request(request_id)
        started = time.perf_counter()
        try:
            caller = self._callers.identify(request.headers)
        except Forbidden as error:
            body = {"errors": [{"message": error.message, "extensions": error.extensions}]}
            return JSONResponse(body, status_code=403)
        async with self._turns if caller is Caller.ROUTER else nullcontext():
            identity = await self._identity(request)
            context = Context(request, request_id, caller, self._service, identity)
            response: Response = await self.run(request, context=context)
        if GRAPHQL_RESPONSE in request.headers.get("accept", ""):
            response.headers["content-type"] = f"{GRAPHQL_RESPONSE}; charset=utf-8"
        telemetry.REQUESTS.labels(caller=caller.value).inc()
        telemetry.REQUEST_SECONDS.labels(caller=caller.value).observe(time.perf_counter() - started)
        return response

    async def _identity(self, request: Request) -> Any:
        try:
            return await self._tokens.viewer(request.headers.get("authorization"))
        except StoreError as error:
            return error  # raised by the fields that need to know who asks: public ones answer anybody

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """The response body, with every error presented."""
        data: GraphQLHTTPResponse = {"data": result.data}
        if result.errors:
            request_id = telemetry.request_id()
            data["errors"] = [present(error, request_id) for error in result.errors]
        return data

    def encode_json(self, data: object) -> bytes:
        return msgspec.json.encode(data)

    def decode_json(self, data: str | bytes) -> object:
        try:
            return msgspec.json.decode(data)
        except msgspec.DecodeError as error:
            raise ValueError("The body is not JSON.") from error


def present(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """An error as a client sees it: with a stable code, and nothing of our insides."""
    shown = error.formatted
    cause = _client_error(error)
    if cause is None:
        telemetry.logger().error("unexpected error", path=error.path, exc_info=error.original_error)
        cause = StoreError("Something went wrong on our side.", requestId=request_id)
    telemetry.ERRORS.labels(code=cause.code).inc()
    return {**shown, "message": cause.message, "extensions": cause.extensions}


def _client_error(error: GraphQLError) -> StoreError | None:
    """The error to show; None where it is unexpected."""
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, StoreError):
        return cause
    if isinstance(cause, INFRASTRUCTURE):
        telemetry.logger().warning("infrastructure does not answer", error=repr(cause))
        return Unavailable("The store cannot answer this right now. Try again.")
    if cause is None or isinstance(cause, GraphQLError):
        if any(word in error.message for word in ("maximum operation depth", "aliases", "more than")):
            return QueryTooComplex(error.message)
        return BadUserInput("query", error.message)
    return None
