"""What the schemas of all subgraphs share."""

from functools import cached_property
from inspect import signature
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
from subgraphs.kit.graphql.commands import COMMAND_MESSAGE, CommandMessage
from subgraphs.kit.graphql.scalars import SCALARS

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

    def entities_resolver(self, info: Info, representations: list[FederationAny]) -> list[FederationAny]:
        """Resolves each representation by itself, so that a malformed one fails alone."""
        return [entity for one in representations for entity in self._entity(info, one)]

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

    def _key_directives(self, entity: str) -> list[Key]:
        definition = cast(StrawberryObjectDefinition, self.schema_converter.type_map[entity].definition)
        return [one for one in definition.directives or () if isinstance(one, Key)]

    def _reference_fields(self, entity: str) -> frozenset[str]:
        definition = cast(StrawberryObjectDefinition, self.schema_converter.type_map[entity].definition)
        resolver = getattr(definition.origin, "resolve_reference", None)
        return frozenset(signature(resolver).parameters) - {"info"} if resolver else frozenset({"id"})


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
