"""What an operation costs: about as much as its answer can have values. It is computed before the operation runs.

A field costs 1 (or the weight of its `@cost`) and what its selection costs; a list costs that for each item. Its
`@listSize` says how many items to expect: for a page the argument `first`, for any other list a number.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from strawberry.federation.schema_directives import Cost as Weight
from strawberry.federation.schema_directives import ListSize

from subgraphs.kit.graphql.paging import DEFAULT_PAGE, MAX_PAGE
from subgraphs.kit.graphql.references import directives_of, may_be_entity

ENTITIES = "_entities"
# The items to expect of a list without @listSize. Only introspection has such lists.
UNKNOWN_LIST = 5
# How many costs of one operation are kept, each with other pages.
CACHED_COSTS = 10


class Cost(NamedTuple):
    """The cost of a selection."""

    values: int = 0
    references: int = 0
    """Objects that other subgraphs may complete (`references.py`), by the `__typename` that is asked for."""

    def plus(self, other: "Cost") -> "Cost":
        return Cost(self.values + other.values, self.references + other.references)

    def times(self, items: int) -> "Cost":
        return Cost(self.values * items, self.references * items)


ENTITY = Cost(3)
"""What an entity costs before its fields do: reading its representation, and looking it up."""


class Entities(NamedTuple):
    """The cost of one `_entities` field."""

    representations: int | str
    """How many, or the variable that holds them."""
    each: Cost

    def count(self, variables: Mapping[str, Any]) -> int:
        if isinstance(self.representations, int):
            return self.representations
        given = variables.get(self.representations)
        return len(given) if isinstance(given, list) else 1


class OperationCost(NamedTuple):
    """The cost of an operation with given pages."""

    root: Cost
    """The cost of all fields but `_entities`."""
    entities: tuple[Entities, ...]

    def representations(self, variables: Mapping[str, Any]) -> int:
        return sum(one.count(variables) for one in self.entities)

    def total(self, variables: Mapping[str, Any], places: int) -> Cost:
        """The cost of the operation if its entities stand at so many places of the client's answer, or more."""
        total = self.root
        for one in self.entities:
            total = total.plus(one.each.times(max(one.count(variables), places)))
        return total


class Costs:
    """Computes what one operation of a valid document costs. The same pages are computed once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self._schema, self._operation = schema, operation
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        # Those that can tell a page's size, with their defaults.
        self._pages = {
            one.variable.name.value: _literal(one.default_value, {})
            for one in operation.variable_definitions or ()
            if _type_name(one.type) == "Int"
        }
        self._of = lru_cache(CACHED_COSTS)(self._read)

    def of(self, variables: Mapping[str, Any]) -> OperationCost:
        return self._of(tuple(_page(variables.get(name, page)) for name, page in self._pages.items()))

    def _read(self, pages: tuple[int, ...]) -> OperationCost:
        return _Reader(self._schema, self._fragments, dict(zip(self._pages, pages, strict=True))).read(self._operation)


def _type_name(node: Any) -> str:
    return node.name.value if hasattr(node, "name") else _type_name(node.type)


def _page(value: Any) -> int:
    """The items of a page. A size that is out of range is refused later; until then it is the largest."""
    if value is None:
        return DEFAULT_PAGE
    return value if isinstance(value, int) and 0 <= value <= MAX_PAGE else MAX_PAGE


def _literal(value: Any, pages: Mapping[str, int]) -> int:
    if isinstance(value, VariableNode):
        return pages.get(value.name.value, MAX_PAGE)
    return _page(int(value.value) if isinstance(value, IntValueNode) else None)


class _Reader:
    """Walks an operation with given pages. The cost of a fragment is computed once."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], pages: Mapping[str, int]
    ) -> None:
        self._schema, self._fragments, self._pages = schema, fragments, pages
        self._costs: dict[tuple[str, int], Cost] = {}
        self._entities: list[Entities] = []

    def read(self, operation: Any) -> OperationCost:
        root = self._schema.get_root_type(operation.operation)
        return OperationCost(self._selections(operation.selection_set, root, 1), tuple(self._entities))

    def _selections(self, selections: SelectionSetNode | None, parent: Any, page: int) -> Cost:
        """The cost of an object's fields; `page` is how many items it has if it is a connection."""
        total = Cost()
        for one in selections.selections if selections else ():
            total = total.plus(self._selection(one, parent, page))
        return total

    def _selection(self, selection: SelectionNode, parent: Any, page: int) -> Cost:
        if isinstance(selection, FieldNode):
            return self._field(selection, parent, page)
        if isinstance(selection, FragmentSpreadNode):
            return self._fragment(selection.name.value, page)
        assert isinstance(selection, InlineFragmentNode)
        condition = selection.type_condition
        on = self._schema.type_map[condition.name.value] if condition else parent
        return self._selections(selection.selection_set, on, page)

    def _fragment(self, name: str, page: int) -> Cost:
        if (name, page) not in self._costs:
            fragment = self._fragments[name]
            on = self._schema.type_map[fragment.type_condition.name.value]
            self._costs[name, page] = self._selections(fragment.selection_set, on, page)
        return self._costs[name, page]

    def _field(self, node: FieldNode, parent: Any, page: int) -> Cost:
        name = node.name.value
        if name == "__typename":
            return Cost(1, may_be_entity(self._schema, parent))
        field = self._schema.get_field(parent, name)
        assert field is not None, "The document is valid."
        inner = self._selections(node.selection_set, get_named_type(field.type), self._first(node, field))
        if name == ENTITIES:
            self._entities.append(Entities(_representations(node), inner.plus(ENTITY)))
            return Cost()
        return inner.plus(Cost(_weight(field))).times(page if name == "edges" else _items(field))

    def _first(self, node: FieldNode, field: GraphQLField) -> int:
        size = _list_size(field)
        if size is None or not size.slicing_arguments:
            return 1
        given = next((one.value for one in node.arguments or () if one.name.value in size.slicing_arguments), None)
        return _literal(given, self._pages)


def _representations(node: FieldNode) -> int | str:
    given = next(one.value for one in node.arguments or () if one.name.value == "representations")
    if isinstance(given, VariableNode):
        return given.name.value
    return len(given.values) if isinstance(given, ListValueNode) else 1


def _items(field: GraphQLField) -> int:
    if not is_list_type(get_nullable_type(field.type)):
        return 1
    size = _list_size(field)
    return size.assumed_size or 1 if size else UNKNOWN_LIST


def _list_size(field: GraphQLField) -> ListSize | None:
    return next((one for one in directives_of(field) if isinstance(one, ListSize)), None)


def _weight(field: GraphQLField) -> int:
    return next((one.weight for one in directives_of(field) if isinstance(one, Weight)), 1)
