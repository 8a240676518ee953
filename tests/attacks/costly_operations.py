"""Searches all paths through the lists of the supergraph for the operations that can become largest."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)

PAGES = (100, 70, 50, 35, 25, 18, 12, 8, 5, 3, 2, 1)
MAX_STEPS = 16
PAGE = 0
"""Stands for the length of a page."""


@dataclass(frozen=True)
class Operation:
    text: str
    """Takes the length of its pages as the variable `$page`."""
    page: int
    values: int
    """About as many as the answer can have."""


@dataclass(frozen=True)
class Path:
    """The object fields from `Query` to an object, and the lengths of the lists that they cross."""

    steps: tuple[str, ...]
    lengths: tuple[int, ...]
    end: GraphQLObjectType

    def operation(self, page: int) -> Operation:
        """Asks for all that the objects at the end hold themselves, in pages of this length."""
        leaves = {name: _length(field) or 1 for name, field in self.end.fields.items() if _is_leaf(field)}
        text = f"{{ {' '.join(leaves)} }}"
        for step in reversed(self.steps):
            text = f"{{ {step} {text} }}"
        values = prod(length or page for length in self.lengths) * sum(leaves.values())
        return Operation(f"query($page: Int) {text}" if "$page" in text else text, page, values)


def largest(schema: GraphQLSchema, values: int) -> list[Operation]:
    """For each kind of object, and each field of `Query` that leads to it, the operation with the largest answer.

    Of each path the one with the longest pages that keep it below so many values.
    """
    assert schema.query_type is not None
    found: dict[tuple[str, str], Operation] = {}
    for path in _paths(schema.query_type, (), (), ()):
        fitting = [one for page in PAGES if (one := path.operation(page)).values <= values]
        way = path.steps[0], path.end.name
        if fitting and (way not in found or found[way].values < fitting[0].values):
            found[way] = fitting[0]
    return list(found.values())


def _paths(
    at: GraphQLObjectType, taken: tuple[GraphQLField, ...], steps: tuple[str, ...], lengths: tuple[int, ...]
) -> Iterator[Path]:
    """Those that cross a list and take no field twice."""
    if lengths and any(_is_leaf(field) for field in at.fields.values()):
        yield Path(steps, lengths, at)
    for name, field in at.fields.items():
        kind, needs_more = get_named_type(field.type), any(map(is_required_argument, field.args.values()))
        if not isinstance(kind, GraphQLObjectType) or needs_more or name == "pageInfo":
            continue
        if not any(one is field for one in taken) and len(steps) < MAX_STEPS:
            step = f"{name}(first: $page)" if "first" in field.args else name
            length = _length(field)
            crossed = lengths if length is None else (*lengths, length)
            yield from _paths(kind, (*taken, field), (*steps, step), crossed)


def _is_leaf(field: GraphQLField) -> bool:
    return is_leaf_type(get_named_type(field.type)) and "requests" not in field.args


def _length(field: GraphQLField) -> int | None:
    """None for what is no list."""
    if not is_list_type(get_nullable_type(field.type)):
        return None
    directives = field.ast_node.directives or () if field.ast_node else ()
    sizes = [argument.value for one in directives if one.name.value == "listSize" for argument in one.arguments or ()]
    return next((int(size.value) for size in sizes if isinstance(size, IntValueNode)), PAGE)
