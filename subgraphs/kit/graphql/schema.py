"""What the schemas of all subgraphs share."""

from functools import cached_property
from inspect import signature
from typing import Any, cast

from graphql import GraphQLSchema
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
        if not isinstance(representation.get("id"), str):
            return [BadUserInput("representations", "An entity needs its id, a string.")]
        fields = {name: value for name, value in representation.items() if name in self._entities[typename]}
        return super().entities_resolver(info, [FederationAny({"__typename": typename} | fields)])

    @cached_property
    def _entities(self) -> dict[str, frozenset[str]]:
        """The subgraph's entities, each with the fields that its `resolve_reference` takes from a representation."""
        entities = getattr(self.core.type_map.get("_Entity"), "types", ())
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
        config=StrawberryConfig(scalar_map={**SCALARS, CommandMessage: COMMAND_MESSAGE}),
    )
