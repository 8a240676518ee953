"""What the schemas of all subgraphs share: their limits, entities, and the fields of internal steps."""

from collections.abc import Awaitable, Callable, Iterator
from functools import cached_property
from inspect import signature
from typing import Any, NewType, cast

import msgspec
import strawberry
from graphql import GraphQLError
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.extensions.max_aliases import create_validator as limit_aliases
from strawberry.extensions.query_depth_limiter import create_validator as limit_depth
from strawberry.federation.schema import FederationAny
from strawberry.federation.schema import Schema as FederationSchema
from strawberry.federation.schema_directives import Inaccessible, Key
from strawberry.federation.types import FieldSet
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, Info
from strawberry.types.base import StrawberryObjectDefinition

from subgraphs.contracts.command import Command, OutcomeT, RequestT
from subgraphs.contracts.confirm import applied_command, oldest_command
from subgraphs.kit import telemetry
from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.web.context import Context

MAX_DEPTH = 15
MAX_ALIASES = 60
MAX_TOKENS = 5000
CACHED_DOCUMENTS = 500

# Built once: ValidationCache keys on these objects, and rules made per request would never hit it.
LIMITS = (limit_depth(MAX_DEPTH, None, None), limit_aliases(MAX_ALIASES))

REFERENCE = Key(fields=FieldSet("id"), resolvable=False)
"""The key of an entity that this subgraph only points to: another one resolves it."""

CommandMessage = NewType("CommandMessage", object)
_COMMAND_MESSAGE = strawberry.scalar(
    name="CommandMessage",
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
        """Nothing here: the endpoint's `present` logs what is worth a log line, with the request's id."""

    def entities_resolver(self, info: Info, representations: list[FederationAny]) -> list[FederationAny]:
        """Each representation by itself: one that names no type of ours is an error of its own."""
        return [entity for one in representations for entity in self._entity(info, one)]

    def _entity(self, info: Info, representation: Any) -> list[Any]:
        """The entity of a representation, made of the fields that its `resolve_reference` names."""
        typename = representation.get("__typename") if isinstance(representation, dict) else None
        if typename not in self._entities:
            return [BadUserInput("representations", "This is not an entity of this subgraph.")]
        fields = {name: value for name, value in representation.items() if name in self._entities[typename]}
        return super().entities_resolver(info, [FederationAny({"__typename": typename} | fields)])

    @cached_property
    def _entities(self) -> dict[str, frozenset[str]]:
        """The subgraph's entities, each with the fields that its `resolve_reference` takes from a representation."""
        entities = getattr(self._schema.type_map.get("_Entity"), "types", ())
        return {entity.name: self._reference_fields(entity.name) for entity in entities}

    def _reference_fields(self, entity: str) -> frozenset[str]:
        definition = cast(StrawberryObjectDefinition, self.schema_converter.type_map[entity].definition)
        resolver = getattr(definition.origin, "resolve_reference", None)
        return frozenset(signature(resolver).parameters) - {"info"} if resolver else frozenset({"id"})


def build_schema(query: type, mutation: type | None = None, types: tuple[type, ...] = ()) -> Schema:
    """The executable schema of a subgraph."""
    return Schema(
        query=query,
        mutation=mutation,
        types=types,
        federation_version="2.9",
        config=StrawberryConfig(scalar_map={CommandMessage: _COMMAND_MESSAGE}),
        extensions=[
            Limits,
            lambda: ParserCache(maxsize=CACHED_DOCUMENTS),
            lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
        ],
    )


def command_field(
    command: Command[RequestT, OutcomeT],
    take: Callable[[Any], Callable[[list[RequestT]], Awaitable[list[OutcomeT]]]],
) -> Any:
    """The GraphQL field of an internal step; `take` picks the method of the service that takes it."""
    return _command_field(command, lambda context: take(context.service))


def applied_events_field(consumer: str) -> Any:
    """The command by which producers learn which events `consumer` has applied."""
    return _command_field(applied_command(consumer), lambda context: _messaging(context).inbox.applied)


def oldest_event_field(producer: str) -> Any:
    """The command by which consumers learn which events `producer` may still send again."""
    return _command_field(oldest_command(producer), lambda context: _messaging(context).outbox.oldest)


def _messaging(context: Context[Any]) -> Any:
    telemetry.begin_background()  # no client waits for it: its statements are no request's cost
    return context.request.app.state


def _command_field(command: Command[RequestT, OutcomeT], take: Callable[[Context[Any]], Any]) -> Any:
    async def resolve(info: Info[Context[Any], None], requests: list[CommandMessage]) -> list[CommandMessage]:
        info.context.require_peer()
        decoded = msgspec.convert(requests, list[command.request])  # type: ignore[name-defined]
        outcomes = await take(info.context)(decoded)
        return [CommandMessage(outcome) for outcome in msgspec.to_builtins(outcomes)]

    return strawberry.federation.field(
        resolver=resolve, name=command.field, description=command.description, inaccessible=True
    )
