"""What the schemas of all subgraphs share."""

import asyncio
from collections.abc import Coroutine, Iterator
from functools import cached_property
from inspect import isawaitable, signature
from typing import Any, cast

from graphql import FieldNode, GraphQLSchema, OperationDefinitionNode, SelectionSetNode, parse
from strawberry.federation.schema import FederationAny
from strawberry.federation.schema import Schema as FederationSchema
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info
from strawberry.types.base import StrawberryObjectDefinition

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.graphql.batch_fields import BatchResolver, asked_fields, batch_resolver
from subgraphs.kit.graphql.commands import COMMAND_MESSAGE, CommandMessage
from subgraphs.kit.graphql.scalars import SCALARS
from subgraphs.kit.web.context import Context

QUERY = "What can be read."
MUTATION = "What can be done."

REFERENCE = Key(fields=FieldSet("id"), resolvable=False)
"""The key of an entity that this subgraph only refers to; another one resolves it."""


class Schema(FederationSchema):
    """A subgraph's schema."""

    @property
    def core(self) -> GraphQLSchema:
        """graphql-core's schema, which Strawberry makes and keeps to itself."""
        return self._schema

    async def entities_resolver(  # type: ignore[override]  # Strawberry awaits it where it is asynchronous
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """Resolves each representation by itself, so that a malformed one fails alone; then their batch fields."""
        entities = await _awaited([entity for one in representations for entity in self._entity(info, one)])
        await asyncio.gather(*self._batches(info, entities))
        return entities

    def _batches(self, info: Info[Context[Any], None], entities: list[Any]) -> Iterator[Coroutine[Any, Any, None]]:
        """The calls that resolve the batch fields that are asked for."""
        for typename, field in asked_fields(info._raw_info):
            resolver = self._batch_fields.get((typename, field))
            if resolver:
                objects = [one for one in entities if isinstance(one, self._definition(typename).origin)]
                yield info.context.batch_values.resolve(resolver, objects, info)

    def _entity(self, info: Info, representation: Any) -> list[Any]:
        """The entity of a representation, made of the fields that its `resolve_reference` names."""
        typename = representation.get("__typename") if isinstance(representation, dict) else None
        if not isinstance(typename, str) or typename not in self._entities:
            return [BadUserInput("representations", "This is not an entity of this subgraph.")]
        if not any(_has(representation, key) for key in self._keys[typename]):
            return [BadUserInput("representations", "An entity needs the fields of one of its keys, as strings.")]
        fields = {name: value for name, value in representation.items() if name in self._entities[typename]}
        return super().entities_resolver(info, [FederationAny({"__typename": typename} | fields)])

    @cached_property
    def _entities(self) -> dict[str, frozenset[str]]:
        """The subgraph's entities, each with the fields that its `resolve_reference` takes from a representation."""
        entities = getattr(self.core.type_map.get("_Entity"), "types", ())
        return {entity.name: self._reference_fields(entity.name) for entity in entities}

    @cached_property
    def _keys(self) -> dict[str, list[SelectionSetNode]]:
        """The keys of each entity, as what they select."""
        return {entity: [_selected(key.fields) for key in self._key_directives(entity)] for entity in self._entities}

    @cached_property
    def _batch_fields(self) -> dict[tuple[str, str], BatchResolver]:
        """The resolvers of the entities' batch fields, by the names of the type and of the field."""
        name = self.config.name_converter.from_field
        fields = [(entity, field) for entity in self._entities for field in self._definition(entity).fields]
        found = {(entity, name(field)): batch_resolver(field) for entity, field in fields}
        return {key: resolver for key, resolver in found.items() if resolver}

    def _key_directives(self, entity: str) -> list[Key]:
        return [one for one in self._definition(entity).directives or () if isinstance(one, Key)]

    def _definition(self, entity: str) -> StrawberryObjectDefinition:
        return cast(StrawberryObjectDefinition, self.schema_converter.type_map[entity].definition)

    def _reference_fields(self, entity: str) -> frozenset[str]:
        resolver = getattr(self._definition(entity).origin, "resolve_reference", None)
        return frozenset(signature(resolver).parameters) - {"info"} if resolver else frozenset({"id"})


async def _awaited(entities: list[Any]) -> list[Any]:
    """Awaits those entities that are awaitable, all at once. If one fails, its error takes its place."""
    waiting = {index: one for index, one in enumerate(entities) if isawaitable(one)}
    results = await asyncio.gather(*waiting.values(), return_exceptions=True)
    awaited = dict(zip(waiting, results, strict=True))
    return [awaited.get(index, one) for index, one in enumerate(entities)]


def _selected(fields: FieldSet) -> SelectionSetNode:
    [operation] = parse(f"{{ {fields} }}").definitions
    return cast(OperationDefinitionNode, operation).selection_set


def _has(representation: Any, key: SelectionSetNode) -> bool:
    """Whether a representation has all that a key selects: strings, or objects that have theirs."""
    if not isinstance(representation, dict):
        return False
    fields = cast(tuple[FieldNode, ...], key.selections)
    values = [(representation.get(field.name.value), field.selection_set) for field in fields]
    return all(isinstance(value, str) if inner is None else _has(value, inner) for value, inner in values)


def build_schema(query: type, mutation: type | None = None, types: tuple[type, ...] = ()) -> Schema:
    """The executable schema of a subgraph."""
    return Schema(
        query=query,
        mutation=mutation,
        types=types,
        federation_version="2.9",
        config=StrawberryConfig(scalar_map={**SCALARS, CommandMessage: COMMAND_MESSAGE}),
    )
