"""Writes operations from a schema: random fields, with random values for their arguments."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from tests.fuzz.values import EnumValue, Values

Kind = Literal["query", "mutation"]
Path = tuple[str, ...]
DEPTH = 9
FIELDS = 40
WEIGHTS = {
    "register": 0.4,
    "login": 0.4,
    "changePassword": 0.3,
    "_service": 0.1,
    "logout": 0.2,
    "requests": 0.1,
    "withdrawProduct": 0.3,
}
"""How often a field is chosen, where that is not as often as others: `requests` stands for internal commands."""


@dataclass
class Operation:
    """An operation in text, with what it asks for."""

    kind: Kind
    document: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    """The field behind each alias at the top."""
    arguments: dict[Path, list[str]] = field(default_factory=dict)
    """The arguments of each field, by the field's path in the answer without list indexes."""
    coordinates: set[str] = field(default_factory=set)
    """The fields, arguments and input fields that it uses: `User.orders`, `User.orders(first:)`, `ProductFilter.genre`."""
    given: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The values of the arguments at the top, by alias."""


class Writer:
    """Writes one operation, whose objects are nested up to `depth`."""

    def __init__(self, schema: GraphQLSchema, values: Values, depth: int = DEPTH) -> None:
        self._schema = schema
        self._values = values
        self._depth = depth
        self.declared: list[str] = []
        """The variables in use, as an operation declares them."""
        self._left = FIELDS

    def operation(self, kind: Kind, names: list[str] | None = None) -> Operation:
        """An operation on the given fields, or on random ones."""
        root = self._schema.mutation_type if kind == "mutation" else self._schema.query_type
        assert root is not None
        operation, selected = Operation(kind), []
        for number, name in enumerate(names or self._roots(root, kind)):
            alias = f"f{number}"
            operation.roots[alias] = name
            selected.append(f"{alias}: {self._field(operation, (alias,), root, name)}")
        header = f"({', '.join(self.declared)})" if self.declared else ""
        operation.document = f"{kind}{header} {{ {' '.join(selected)} }}"
        return operation

    def _roots(self, root: GraphQLObjectType, kind: Kind) -> list[str]:
        most = 3 if kind == "query" else 2
        count = self._values.number(1, most) if self._values.chance(0.3) else 1
        return [self._weighted(root.fields) for _ in range(count)]

    def _weighted(self, fields: Mapping[str, GraphQLField]) -> str:
        while True:
            name = self._values.pick(list(fields))
            if self._values.chance(WEIGHTS.get("requests" if "requests" in fields[name].args else name, 1)):
                return name

    def _field(self, operation: Operation, path: Path, parent: GraphQLObjectType, name: str) -> str:
        """A field with its arguments and what is selected of it."""
        self._left -= 1
        definition = parent.fields[name]
        result = get_named_type(definition.type)
        given, written = {}, []
        self._values.input_fields.clear()
        for argument, declared in definition.args.items():
            if is_required_argument(declared) or self._values.chance(0.5):
                given[argument] = self._values.of(declared.type, argument, result.name)
                written.append(f"{argument}: {self._value(operation, str(declared.type), given[argument])}")
        coordinates = [f"{parent.name}.{name}({argument}:)" for argument in given]
        operation.arguments[path] = [*coordinates, *self._values.input_fields]
        operation.coordinates.update([f"{parent.name}.{name}", *operation.arguments[path]])
        if len(path) == 1:
            operation.given[path[0]] = given
        arguments = f"({', '.join(written)})" if written else ""
        return f"{name}{arguments}{self.selection(operation, path, result)}"

    def _value(self, operation: Operation, kind: str, value: Any) -> str:
        """The value as a variable or as a literal."""
        if self._values.chance(0.7):
            name = f"v{len(operation.variables)}"
            operation.variables[name] = value
            self.declared.append(f"${name}: {kind}")
            return f"${name}"
        return literal(value)

    def selection(self, operation: Operation, path: Path, kind: GraphQLOutputType) -> str:
        """What is selected of a field of this type at this path, which is nothing of a scalar."""
        if isinstance(kind, GraphQLUnionType):
            members = [f"... on {one.name} {{ {self._fields(operation, path, one)} }}" for one in kind.types]
            return f" {{ __typename {' '.join(members)} }}"
        if isinstance(kind, GraphQLObjectType):
            return f" {{ __typename {self._fields(operation, path, kind)} }}"
        return ""

    def _fields(self, operation: Operation, path: Path, kind: GraphQLObjectType) -> str:
        """Some fields of an object, and always those that tell what it is."""
        leaves = [name for name, one in kind.fields.items() if not is_composite_type(get_named_type(one.type))]
        inner = [name for name in kind.fields if name not in leaves]
        always = [name for name in ("id", "accessToken", "refreshToken") if name in leaves]
        chosen = [*always, *self._values.some([name for name in leaves if name not in always], 5)]
        if kind.name == "_Service":
            chosen = leaves
        if inner and len(path) < self._depth and self._left > 0:
            # Connections and edges have little else.
            chosen += self._values.some(inner, 2 if len(path) < 3 else 1)
        return " ".join(self._field(operation, (*path, name), kind, name) for name in chosen) or "__typename"


def literal(value: Any) -> str:
    """A value as it is written in a document."""
    if isinstance(value, EnumValue):
        return str(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {literal(inner)}' for name, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(literal(one) for one in value)}]"
    return json.dumps(value)
