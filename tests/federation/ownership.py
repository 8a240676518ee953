"""Who answers what, read from the `@join__` directives of the supergraph, with no other knowledge of the subgraphs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import (
    DirectiveNode,
    FieldDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    SelectionSetNode,
    parse,
    value_from_ast_untyped,
)

SUPERGRAPH = Path(__file__).parents[2] / "schema" / "supergraph.graphql"


class Ownership:
    """The owners of each field, and what a field requires of the other subgraphs. Subgraphs go by lower-case names."""

    def __init__(self, supergraph: str) -> None:
        self._owners: dict[tuple[str, str], list[str]] = {}
        self._requires: dict[tuple[str, str], SelectionSetNode] = {}
        self._keyed: dict[str, set[str]] = {}
        for kind in parse(supergraph).definitions:
            if isinstance(kind, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
                self._read(kind)

    def is_entity(self, type_name: str) -> bool:
        return bool(self._keyed.get(type_name))

    def owner(self, type_name: str, field: str, near: str = "") -> str:
        """The subgraph to ask: `near` if it is one of the owners, else the first of them."""
        owners = self._owners[type_name, field]
        return near if near in owners else owners[0]

    def owns(self, subgraph: str, type_name: str, field: str) -> bool:
        return subgraph in self._owners[type_name, field]

    def requires(self, type_name: str, field: str) -> SelectionSetNode | None:
        """What the owner must be told of the entity before it can answer the field."""
        return self._requires.get((type_name, field))

    def _read(self, kind: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode) -> None:
        types = list(_given(kind, "join__type"))
        graphs = [one["graph"].lower() for one in types]
        keys = {one["key"] for one in types if "key" in one}
        assert keys <= {"id"}, f"The reference executor knows no key but id: {kind.name.value} has {keys}."
        self._keyed[kind.name.value] = keys
        for field in kind.fields or ():
            self._read_field(kind.name.value, graphs, field)

    def _read_field(self, type_name: str, graphs: list[str], field: FieldDefinitionNode) -> None:
        name = field.name.value
        joins = [one for one in _given(field, "join__field") if not one.get("external") and "graph" in one]
        self._owners[type_name, name] = [one["graph"].lower() for one in joins] or graphs
        for one in joins:
            if "requires" in one:
                self._requires[type_name, name] = _selection(one["requires"])


def _given(node: Any, directive: str) -> Iterator[dict[str, Any]]:
    """The arguments of each use of a directive."""
    for one in node.directives or ():
        assert isinstance(one, DirectiveNode)
        if one.name.value == directive:
            yield {each.name.value: value_from_ast_untyped(each.value) for each in one.arguments or ()}


def _selection(fields: str) -> SelectionSetNode:
    [operation] = parse(f"{{ {fields} }}").definitions
    selection: SelectionSetNode = operation.selection_set  # type: ignore[attr-defined]
    return selection
