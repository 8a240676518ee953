"""Which objects of an answer other subgraphs may complete: those of types that have a key.

The router asks for the `__typename` of each of them. Clients ask for that of other objects, too.
"""

import re
from collections.abc import Sequence

from graphql import GraphQLField, GraphQLNamedType, GraphQLSchema, is_abstract_type
from strawberry.federation.schema_directives import Key
from strawberry.schema.schema_converter import GraphQLCoreConverter


def directives_of(element: GraphQLNamedType | GraphQLField) -> Sequence[object]:
    """The directives that a type or a field of the schema has."""
    definition = element.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return list(definition.directives or ()) if definition else []


def may_be_entity(schema: GraphQLSchema, kind: GraphQLNamedType) -> bool:
    """Whether the type has a key, or one that it may stand for has."""
    kinds = schema.get_possible_types(kind) if is_abstract_type(kind) else [kind]
    return any(isinstance(one, Key) for each in kinds for one in directives_of(each))


def reference_pattern(schema: GraphQLSchema) -> re.Pattern[bytes]:
    """Matches the `__typename` of each reference in an answer."""
    names = [kind.name for kind in schema.type_map.values() if may_be_entity(schema, kind)]
    return re.compile(rf'"__typename":"(?:{"|".join(names)})"'.encode())
