"""Writes operations that reach a given field, argument or input field, in all forms that GraphQL has for them.

The fuzz test's writer chooses fields and arguments. Here they get aliases, fragments, conditions and `@defer`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_union_type,
    parse,
    print_ast,
)

from tests.fuzz.operations import Operation, Writer
from tests.fuzz.values import Values
from tests.fuzz.world import Actor, World

DEPTH = 7
TRIES = 3000
"""How many operations are written until one has the wanted coordinate: deep ones are rare."""
WRONG: dict[str, list[Any]] = {"first": [0, 101], "after": ["no cursor"], "id": ["unknown", ""]}
MISSPELT = "gera"
"""Nothing has it: `gear` is searched instead."""
GROUPS = frozenset({"Genre", "Company", "Category"})
"""Their lists have the games of all developers."""
REQUIRING = frozenset({("Product", "state")})
"""Fields with `@requires`. They have no conditions of their own: see `defects.py`."""


class Arguments(Values):
    """Plausible values, small pages, and now and then one that is refused."""

    def of(self, kind: GraphQLInputType, name: str, result: str) -> Any:
        if name in WRONG and self.chance(0.03):
            return self.pick(WRONG[name])
        if name in ("from", "to"):
            return (datetime.now(UTC) + timedelta(days=0 if name == "to" else -self.number(1, 9))).date().isoformat()
        if (name, result) == ("id", "SaleStatus"):
            return super().of(kind, name, "FlashSale")
        if (name, result) == ("version", "SaleStatus"):
            return self.pick(self._world.texts["version"])
        if name == "search" and self.chance(0.1):
            return MISSPELT
        return self.number(1, 3) if name == "first" else super().of(kind, name, result)


@dataclass(frozen=True)
class Written:
    document: str
    variables: dict[str, Any]

    @property
    def is_deferring(self) -> bool:
        return "@defer" in self.document


def query(rng: Random, schema: GraphQLSchema, world: World, actor: Actor, target: str) -> Written:
    """A query that asks for the target, such as `User.name`, `User.orders(first:)` or `ProductFilter.genre`."""
    for _ in range(TRIES):
        operation = Writer(schema, Arguments(rng, world, actor, hostility=0), DEPTH).operation("query")
        if target in operation.coordinates:
            return dressed(rng, schema, operation)
    raise AssertionError(f"No operation of {TRIES} asks for {target}.")


def mutation(rng: Random, schema: GraphQLSchema, world: World, actor: Actor, name: str) -> Written:
    """A mutation whose arguments are variables of their names, without values yet."""
    assert schema.mutation_type is not None
    field, operation = schema.mutation_type.fields[name], Operation("mutation")
    writer = Writer(schema, Arguments(rng, world, actor, hostility=0), depth=4)
    selection = writer.selection(operation, (name,), get_named_type(field.type))
    declared = [*[f"${argument}: {one.type}" for argument, one in field.args.items()], *writer.declared]
    header = f"mutation({', '.join(declared)})" if declared else "mutation"
    given = f"({', '.join(f'{argument}: ${argument}' for argument in field.args)})" if field.args else ""
    operation.document = f"{header} {{ {name}{given}{selection} }}"
    return dressed(rng, schema, operation)


def queryable(schema: GraphQLSchema) -> list[str]:
    """Every field, argument and input field that a query can use."""
    assert schema.query_type is not None
    found, waiting = dict[str, None](), [schema.query_type.name]
    seen = set(waiting)
    for name in waiting:
        for coordinate, inner in _of(schema.type_map[name]):
            if coordinate != inner:
                found[coordinate] = None
            if inner not in seen:
                seen.add(inner)
                waiting.append(inner)
    return list(found)


def _of(kind: Any) -> Iterator[tuple[str, str]]:
    """The coordinates of a type, each with the type that it leads to; a union's member is its own."""
    for member in getattr(kind, "types", ()):
        yield member.name, member.name
    for name, field in getattr(kind, "fields", {}).items():
        yield f"{kind.name}.{name}", get_named_type(field.type).name
        for argument, one in getattr(field, "args", {}).items():
            yield f"{kind.name}.{name}({argument}:)", get_named_type(one.type).name


def dressed(rng: Random, schema: GraphQLSchema, operation: Operation) -> Written:
    """The operation with aliases, fragments and conditions. One query of four defers parts
    without lists, and has no conditions."""
    defers = operation.kind == "query" and rng.random() < 0.25
    return _Dresser(rng, schema, operation, defers).written()


class _Dresser:
    def __init__(self, rng: Random, schema: GraphQLSchema, operation: Operation, defers: bool) -> None:
        self._rng, self._schema, self._defers = rng, schema, defers
        self._operation = operation
        self._variables = dict(operation.variables)
        self._declared: list[VariableDefinitionNode] = []
        self._fragments: list[FragmentDefinitionNode] = []
        self._count = 0

    def written(self) -> Written:
        [operation] = parse(self._operation.document).definitions
        assert isinstance(operation, OperationDefinitionNode)
        root = self._schema.get_root_type(operation.operation)
        selections = self._set(operation.selection_set, root, is_root=True)
        text = "".join(map(print_ast, [selections, *self._fragments]))
        declared = [*(operation.variable_definitions or ()), *self._declared]
        definition = OperationDefinitionNode(
            operation=operation.operation,
            variable_definitions=tuple(one for one in declared if re.search(rf"\${one.variable.name.value}\b", text)),
            selection_set=selections,
        )
        return Written(print_ast(DocumentNode(definitions=(definition, *self._fragments))), self._variables)

    def _set(self, selections: SelectionSetNode, kind: Any, is_root: bool = False) -> SelectionSetNode:
        chosen: list[SelectionNode] = []
        for one in selections.selections:
            if isinstance(one, FieldNode):
                if self._depends_on_others(kind, one):
                    continue
                chosen.append(self._field(one, kind, is_root))
                if one.selection_set and not is_root and not self._defers and self._chance(0.04):
                    chosen.append(self._field(one, kind, is_twice=True))
            elif isinstance(one, InlineFragmentNode) and one.type_condition:
                inner = self._set(one.selection_set, self._schema.type_map[one.type_condition.name.value])
                chosen.append(InlineFragmentNode(type_condition=one.type_condition, selection_set=inner))
        if is_union_type(kind) and self._chance(0.4):
            [problem] = parse("{ ... on Problem { message } }").definitions
            chosen += problem.selection_set.selections  # type: ignore[attr-defined]
        return SelectionSetNode(selections=tuple(self._grouped(chosen, kind, is_root)))

    def _depends_on_others(self, kind: Any, node: FieldNode) -> bool:
        """Whether a mutation's answer would not be the same for everybody in the same situation."""
        return self._operation.kind == "mutation" and kind.name in GROUPS and node.selection_set is not None

    def _differs_by_member(self, node: FieldNode) -> bool:
        """Whether members of a union may be asked for the same field with other arguments, which the router refuses."""
        return self._operation.kind == "mutation" and bool(node.arguments)

    def _field(self, node: FieldNode, kind: Any, is_root: bool = False, is_twice: bool = False) -> FieldNode:
        name = node.name.value
        if name == "__typename":
            return FieldNode(name=node.name)
        # Always by the field's name, an underscore and a number: the comparison knows the field by that.
        is_renamed = is_root or is_twice or self._differs_by_member(node) or self._chance(0.12)
        alias = self._named(f"{name}_") if is_renamed else None
        definition = kind.fields[name]
        inner = self._set(node.selection_set, get_named_type(definition.type)) if node.selection_set else None
        arguments = [*(node.arguments or ())]
        if "first" in definition.args and not any(one.name.value == "first" for one in arguments):
            arguments.append(ArgumentNode(name=NameNode(value="first"), value=IntValueNode(value="2")))
        is_free = name != "id" and (kind.name, name) not in REQUIRING and not self._defers
        directives = self._conditions() if is_free and self._chance(0.06) else ()
        return FieldNode(
            alias=alias, name=node.name, arguments=tuple(arguments), directives=directives, selection_set=inner
        )

    def _grouped(self, chosen: list[SelectionNode], kind: Any, is_root: bool) -> Iterator[SelectionNode]:
        """The selections, some of them in a fragment of their own."""
        if len(chosen) < 2 or not self._chance(0.3):
            yield from chosen
            return
        first = 1 + int(self._rng.random() * (len(chosen) - 1))
        yield from chosen[:first]
        yield self._fragment(SelectionSetNode(selections=tuple(chosen[first:])), kind, is_root)

    def _fragment(self, selections: SelectionSetNode, kind: Any, is_root: bool) -> SelectionNode:
        on = NamedTypeNode(name=NameNode(value=kind.name))
        names = {(kind.name, one.name.value) for one in selections.selections if isinstance(one, FieldNode)}
        is_free = not names & REQUIRING and not self._defers
        directives: tuple[DirectiveNode, ...] = self._conditions() if is_free and self._chance(0.2) else ()
        may_defer = self._defers and not is_root and not is_union_type(kind) and not self._has_list(kind, selections)
        if may_defer and self._chance(0.9):
            label = StringValueNode(value=f"part {len(self._fragments)}.{self._next()}")
            argument = ArgumentNode(name=NameNode(value="label"), value=label)
            directives = (DirectiveNode(name=NameNode(value="defer"), arguments=(argument,)),)
        if self._chance(0.4):
            name = self._named("Part")
            self._fragments.append(
                FragmentDefinitionNode(name=name, type_condition=on, selection_set=selections, directives=())
            )
            return FragmentSpreadNode(name=name, directives=directives)
        condition = on if self._chance(0.5) else None
        return InlineFragmentNode(type_condition=condition, directives=directives, selection_set=selections)

    def _has_list(self, kind: Any, selections: SelectionSetNode) -> bool:
        """Whether a list is asked for, at any depth. The router may leave out what is deferred if one is empty."""
        return any(self._asks_for_list(kind, one) for one in selections.selections)

    def _asks_for_list(self, kind: Any, node: SelectionNode) -> bool:
        if not isinstance(node, FieldNode):
            fragment = self._fragment_of(node)
            on = fragment.type_condition
            return self._has_list(self._schema.type_map[on.name.value] if on else kind, fragment.selection_set)
        if node.name.value == "__typename":
            return False
        asked = get_nullable_type(kind.fields[node.name.value].type)
        if is_list_type(asked) or node.selection_set is None:
            return is_list_type(asked)
        return self._has_list(get_named_type(asked), node.selection_set)

    def _fragment_of(self, node: SelectionNode) -> InlineFragmentNode | FragmentDefinitionNode:
        if isinstance(node, InlineFragmentNode):
            return node
        assert isinstance(node, FragmentSpreadNode)
        return next(one for one in self._fragments if one.name.value == node.name.value)

    def _conditions(self) -> tuple[DirectiveNode, ...]:
        """`@include` or `@skip`, by a literal or a variable; mostly so that the selection stays."""
        name, stays = ("include", True) if self._chance(0.5) else ("skip", False)
        value = stays if self._chance(0.7) else not stays
        if self._chance(0.3):
            return (_directive(name, BooleanValueNode(value=value)),)
        variable = VariableNode(name=self._named("c"))
        boolean = NonNullTypeNode(type=NamedTypeNode(name=NameNode(value="Boolean")))
        self._declared.append(VariableDefinitionNode(variable=variable, type=boolean))
        self._variables[variable.name.value] = value
        return (_directive(name, variable),)

    def _named(self, prefix: str) -> NameNode:
        return NameNode(value=f"{prefix}{self._next()}")

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _chance(self, share: float) -> bool:
        return self._rng.random() < share


def _directive(name: str, value: Any) -> DirectiveNode:
    return DirectiveNode(name=NameNode(value=name), arguments=(ArgumentNode(name=NameNode(value="if"), value=value),))
