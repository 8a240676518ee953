"""How far into the store requests have come: counted by field, argument and union member."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

from tests.fuzz.operations import Operation, Path


class Reach:
    """Counts what was answered with a value, and how requests ended."""

    def __init__(self) -> None:
        self.fields: Counter[str] = Counter()
        self.arguments: Counter[str] = Counter()
        self.members: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        """Each field at the top with what it came to: `checkout: OutOfStock`."""
        self.requests: Counter[str] = Counter()
        """By target."""
        self.past_validation = 0

    def answered(self, schema: GraphQLSchema, operation: Operation, data: dict[str, Any]) -> None:
        root = schema.mutation_type if operation.kind == "mutation" else schema.query_type
        assert root is not None
        for alias, name in operation.roots.items():
            self._field(schema, operation, root, (alias,), name, data.get(alias))

    def _field(
        self, schema: GraphQLSchema, operation: Operation, parent: GraphQLObjectType, path: Path, name: str, value: Any
    ) -> None:
        if value is None:
            return
        self.fields[f"{parent.name}.{name}"] += 1
        self.arguments.update(operation.arguments.get(path, ()))
        kind = get_named_type(parent.fields[name].type)
        for one in _flat(value):
            if not isinstance(one, dict) or "__typename" not in one:
                continue
            if isinstance(kind, GraphQLUnionType):
                self.members[f"{kind.name} = {one['__typename']}"] += 1
            actual = schema.type_map[one["__typename"]]
            assert isinstance(actual, GraphQLObjectType)
            for key, inner in one.items():
                if key != "__typename":
                    self._field(schema, operation, actual, (*path, key), key, inner)

    @property
    def share(self) -> float:
        """The share of requests that got past validation."""
        return self.past_validation / max(self.requests.total(), 1)

    def report(self, schemas: list[GraphQLSchema]) -> list[str]:
        """What was reached, in lines."""
        sent = ", ".join(f"{count} to {target}" for target, count in self.requests.most_common())
        lines = [f"{self.requests.total()} requests: {sent}", f"{self.share:.0%} got past validation"]
        for what, seen, known in self._compared(schemas):
            missed = ", ".join(sorted(known - seen.keys())) or "none"
            lines.append(f"{what}: {len(known & seen.keys())} of {len(known)} reached; not {missed}")
            lines.append("  " + ", ".join(f"{name} {seen[name]}" for name in sorted(seen)))
        outcomes = ", ".join(f"{outcome} {count}" for outcome, count in sorted(self.outcomes.items()))
        return [*lines, f"outcomes: {outcomes}"]

    def _compared(self, schemas: list[GraphQLSchema]) -> Iterator[tuple[str, Counter[str], set[str]]]:
        yield "fields", self.fields, {name for schema in schemas for name in fields(schema)}
        yield "arguments", self.arguments, {name for schema in schemas for name in arguments(schema)}
        yield "union members", self.members, {name for schema in schemas for name in members(schema)}


def fields(schema: GraphQLSchema) -> Iterator[str]:
    """Every field that a client can ask for."""
    for kind in _objects(schema):
        yield from (f"{kind.name}.{name}" for name, field in kind.fields.items() if not _is_command(field))


def arguments(schema: GraphQLSchema) -> Iterator[str]:
    """Every argument and every field of an input type."""
    for kind in _objects(schema):
        for name, field in kind.fields.items():
            if not _is_command(field):
                yield from (f"{kind.name}.{name}({argument}:)" for argument in field.args)
    for one in schema.type_map.values():
        if isinstance(one, GraphQLInputObjectType):
            yield from (f"{one.name}.{name}" for name in one.fields)


def members(schema: GraphQLSchema) -> Iterator[str]:
    """Every member of a union."""
    for one in schema.type_map.values():
        if isinstance(one, GraphQLUnionType):
            yield from (f"{one.name} = {member.name}" for member in one.types)


def _objects(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    kinds = [kind for kind in schema.type_map.values() if not kind.name.startswith("__")]
    return [kind for kind in kinds if isinstance(kind, GraphQLObjectType)]


def _is_command(field: GraphQLField) -> bool:
    """Whether only peers may use it."""
    return "requests" in field.args


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    else:
        yield value
