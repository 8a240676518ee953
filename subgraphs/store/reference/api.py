"""The API as clients see it, from schema/api.graphql."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    build_schema,
)

from subgraphs.store.reference.markdown import table

SCHEMA = Path(__file__).parents[3] / "schema" / "api.graphql"
ROOTS = {"Query": "Queries", "Mutation": "Mutations"}
INTRODUCTION = """\
# API

All that clients can ask for, from `schema/api.graphql`. The [client guide](../guides/client.md) shows how to
use it. Connections and their edges are left out: they all have `edges { cursor node }`, `pageInfo` and
`totalCount`.
"""


def page() -> str:
    types = build_schema(SCHEMA.read_text()).type_map
    shown = [types[name] for name in sorted(types) if not name.startswith("__") and name not in ROOTS]
    parts = [_fields(title, types[name]) for name, title in ROOTS.items()]
    return "\n".join([INTRODUCTION, *parts, *_types(shown)])


def _types(types: list[Any]) -> Iterator[str]:
    for one in types:
        if one.name.endswith(("Connection", "Edge")):
            continue
        if isinstance(one, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            yield _fields(one.name, one)
        elif isinstance(one, GraphQLUnionType):
            members = " or ".join(f"`{member.name}`" for member in one.types)
            yield f"## {one.name}\n\n{one.description or ''}\n\nOne of {members}.\n"
        elif isinstance(one, GraphQLEnumType):
            rows = [(f"`{name}`", value.description or "") for name, value in one.values.items()]
            yield f"## {one.name}\n\n{one.description or ''}\n\n{table(('value', 'meaning'), rows)}"
        elif isinstance(one, GraphQLScalarType) and one.specified_by_url:
            yield f"## {one.name}\n\n{one.description} [Specified here]({one.specified_by_url}).\n"


def _fields(title: str, of: Any) -> str:
    rows = [(f"`{_signature(name, field)}`", f"`{field.type}`", _meaning(field)) for name, field in of.fields.items()]
    return f"## {title}\n\n{of.description or ''}\n\n{table(('field', 'type', 'meaning'), rows)}"


def _signature(name: str, field: Any) -> str:
    arguments = ", ".join(f"{argument}: {one.type}" for argument, one in getattr(field, "args", {}).items())
    return f"{name}({arguments})" if arguments else name


def _meaning(field: Any) -> str:
    arguments = [f"`{name}`: {one.description}" for name, one in getattr(field, "args", {}).items()]
    listed = {"`first`", "`after`"}
    deprecation = [f"**Deprecated.** {field.deprecation_reason}"] if field.deprecation_reason else []
    described = [one for one in arguments if one.split(":")[0] not in listed]
    return " ".join([field.description or "", *described, *deprecation])
