"""Finds the operations that can become large: one for each path through the lists of the API."""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)

MAX_STEPS = 16


@dataclass(frozen=True)
class Path:
    """The object fields from `Query` to an object."""

    steps: tuple[str, ...]
    end: GraphQLObjectType

    def operation(self, first: int, copies: int = 1) -> str:
        """Asks for all leaf fields of the objects at the end, in pages of `first`; several times, if so wished."""
        leaves = " ".join(name for name, field in self.end.fields.items() if _is_leaf(field))
        inner = f"{{ {leaves} }}"
        for step in reversed(self.steps):
            inner = f"{{ {step.replace('$first', str(first))} {inner} }}"
        body = inner[1:-1]
        return "{ " + " ".join(f"c{number}: {body}" for number in range(copies)) + " }"


def paths(schema: GraphQLSchema, again: int) -> Iterator[Path]:
    """All paths that cross a list and take no field more than `again` times."""
    assert schema.query_type is not None
    yield from _paths(schema.query_type, (), (), 0, again)


def _paths(
    at: GraphQLObjectType, taken: tuple[GraphQLField, ...], steps: tuple[str, ...], lists: int, again: int
) -> Iterator[Path]:
    if lists and any(_is_leaf(field) for field in at.fields.values()):
        yield Path(steps, at)
    for name, field in at.fields.items():
        kind = get_named_type(field.type)
        usable = isinstance(kind, GraphQLObjectType) and not any(map(is_required_argument, field.args.values()))
        if not usable or name == "pageInfo" or sum(one is field for one in taken) >= again or len(steps) >= MAX_STEPS:
            continue
        step = f"{name}(first: $first)" if "first" in field.args else name
        is_list = is_list_type(get_nullable_type(field.type))
        yield from _paths(kind, (*taken, field), (*steps, step), lists + is_list, again)


def _is_leaf(field: GraphQLField) -> bool:
    return is_leaf_type(get_named_type(field.type))
