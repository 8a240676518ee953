"""Whoever reads the schema finds a description of everything in it."""

from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)
from graphql import specified_scalar_types as built_in

SUPERGRAPH = Path(__file__).parents[3] / "schema" / "supergraph.graphql"


def undescribed(schema: GraphQLSchema) -> Iterator[str]:
    """The names of types, fields, arguments and enum values without a description."""
    for name, kind in schema.type_map.items():
        if "__" in name or name in built_in:
            continue
        parts = {name: kind.description}
        if isinstance(kind, GraphQLEnumType):
            parts |= {f"{name}.{value}": one.description for value, one in kind.values.items()}
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            parts |= {f"{name}.{field}": one.description for field, one in kind.fields.items()}
        if isinstance(kind, GraphQLObjectType):
            for field, one in kind.fields.items():
                parts |= {f"{name}.{field}({argument})": a.description for argument, a in one.args.items()}
        yield from (part for part, description in parts.items() if not description)


def test_everything_in_the_schema_is_described() -> None:
    assert list(undescribed(build_schema(SUPERGRAPH.read_text(), assume_valid=True))) == []


def test_what_lacks_a_description_is_found() -> None:
    schema = build_schema('"""Asks."""\ntype Query { a(b: Int): C }\nenum C { D }')
    assert list(undescribed(schema)) == ["Query.a", "Query.a(b)", "C", "C.D"]
