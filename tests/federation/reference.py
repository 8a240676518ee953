"""A naive executor of the API: each field is asked of the subgraph that owns it, for one entity at a time.

It plans nothing. graphql-core executes the operation on the API's schema, and asks for each field in turn. A field of a
type that has no key is a part of the field above it, and comes with that.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    Visitor,
    execute,
    get_named_type,
    is_composite_type,
    is_union_type,
    parse,
    print_ast,
    validate,
    visit,
)

from tests.clients import Account
from tests.federation.answers import Answer, answer_of
from tests.federation.ownership import Ownership
from tests.fuzz.reach import Reach

Ask = Callable[[str, str, dict[str, Any], Account | None], Awaitable[dict[str, Any]]]
"""Sends an operation to a subgraph for a viewer: `ask(subgraph, document, variables, viewer)`."""


Info = GraphQLResolveInfo[Any]


@dataclass(frozen=True)
class Found:
    """An object, as a subgraph has told it."""

    subgraph: str
    data: dict[str, Any]


class Reference:
    """Answers operations by asking the subgraphs. Counts in `reach` what was answered with a value."""

    def __init__(self, schema: GraphQLSchema, ownership: Ownership, ask: Ask) -> None:
        self.schema = schema
        self.ownership = ownership
        self.ask = ask
        self.reach = Reach()

    async def answer(self, document: str, variables: dict[str, Any], viewer: Account | None) -> Answer:
        parsed = visit(parse(document), NoDefer())
        if validate(self.schema, parsed):
            return answer_of(None, [_refusal()])
        execution = _Execution(self, parsed, variables, viewer)
        running = execute(
            self.schema,
            parsed,
            variable_values=variables,
            field_resolver=execution.resolve,
            type_resolver=lambda value, *_: value.data["__typename"],
        )
        result = await running if isinstance(running, Awaitable) else running
        return answer_of(result.data, [_shown(error) for error in result.errors or () if not _is_silent(error)])


class NoDefer(Visitor):
    """Leaves out `@defer`: when parts of an answer come is not compared, only what they say."""

    def enter_directive(self, node: DirectiveNode, *_: Any) -> Any:
        return REMOVE if node.name.value == "defer" else None


def _refusal() -> dict[str, Any]:
    return {"extensions": {"code": "BAD_USER_INPUT"}}


def _shown(error: GraphQLError) -> dict[str, Any]:
    return {"path": error.path, "extensions": error.extensions} if error.path else _refusal()


def _is_silent(error: GraphQLError) -> bool:
    """Whether a gateway tells nothing of it: a null where there is no entity makes a null of what may not hold one."""
    return isinstance(error.original_error, TypeError) and "non-nullable field" in error.message


class _Execution:
    """One operation of one viewer."""

    def __init__(
        self, reference: Reference, document: DocumentNode, variables: dict[str, Any], viewer: Account | None
    ) -> None:
        self._reference, self._variables, self._viewer = reference, variables, viewer
        self._schema, self._ownership = reference.schema, reference.ownership
        operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        # What a mutation has made is told by the subgraph that made it, in the same answer: a session's user, for one,
        # is not yet signed in.
        self._in_place = operations[0].operation is OperationType.MUTATION

    def resolve(self, source: Found | None, info: Info, **arguments: Any) -> Any:
        """The value of a field: a scalar, Found, an error as a value, or a list of these; or the task that gets it."""
        key = str(info.path.key)
        if source is not None and self._ownership.is_entity(info.parent_type.name) and info.field_name == "id":
            key = "id"  # known already, whatever alias the operation gives it
        if source is not None and key in source.data:
            return self._told(info, arguments, source.subgraph, source.data[key])
        # A task runs even if nobody awaits it, and graphql-core may stop awaiting when another field fails.
        return asyncio.ensure_future(self._fetched(source, info, arguments))

    async def _fetched(self, source: Found | None, info: Info, arguments: Mapping[str, Any]) -> Any:
        return self._told(info, arguments, *await self._asked(source, info))

    def _told(self, info: Info, arguments: Mapping[str, Any], subgraph: str, value: Any) -> Any:
        if value is not None and not isinstance(value, Exception):
            self._count(info, arguments, value)
        return _found(subgraph, value)

    async def _asked(self, source: Found | None, info: Info) -> tuple[str, Any]:
        """The subgraph that owns the field, and what it answers."""
        parent, key = info.parent_type.name, str(info.path.key)
        subgraph = self._ownership.owner(parent, info.field_name)
        field = self._field(info, subgraph)
        if source is None:
            kind = info.operation.operation.value
            answer = await self._send(subgraph, kind, print_ast(field), info.operation, {})
            return subgraph, _step(answer, key)
        entity = {"__typename": parent, "id": source.data["id"]}
        needs = self._ownership.requires(parent, info.field_name)
        if needs is not None:
            entity |= await self._needed(entity, needs.selections, info.operation)
        return subgraph, _step(await self._entity(subgraph, entity, field, info.operation), key)

    async def _needed(
        self, entity: dict[str, Any], fields: Iterable[SelectionNode], operation: OperationDefinitionNode
    ) -> dict[str, Any]:
        """What a field requires, asked of its owners."""
        needed = {}
        for field in fields:
            assert isinstance(field, FieldNode)
            owner = self._ownership.owner(entity["__typename"], field.name.value)
            needed[field.name.value] = _step(await self._entity(owner, entity, field, operation), field.name.value)
        return needed

    async def _entity(
        self, subgraph: str, entity: dict[str, Any], field: FieldNode, operation: OperationDefinitionNode
    ) -> Any:
        """One entity with one field: its data, None or an error."""
        asked = f"_entities(representations: $_r) {{ ... on {entity['__typename']} {{ {print_ast(field)} }} }}"
        answer = await self._send(subgraph, "query", asked, operation, {"_r": [entity]})
        return _step(_step(answer, "_entities"), 0)

    async def _send(
        self, subgraph: str, kind: str, field: str, operation: OperationDefinitionNode, more: dict[str, Any]
    ) -> Any:
        definitions = operation.variable_definitions or ()
        used = [one for one in definitions if re.search(rf"\${one.variable.name.value}\b", field)]
        declared = ["$_r: [_Any!]!"] * bool(more) + [print_ast(one) for one in used]
        names = {one.variable.name.value for one in used} & self._variables.keys()
        header = f"{kind}({', '.join(declared)})" if declared else kind
        sent = {name: self._variables[name] for name in names} | more
        return _with_errors(await self._reference.ask(subgraph, f"{header} {{ {field} }}", sent, self._viewer))

    # ---- what to ask for

    def _field(self, info: Info, subgraph: str) -> FieldNode:
        """The field as its subgraph is asked for it: without what belongs to others."""
        first = info.field_nodes[0]
        chosen = [one for node in info.field_nodes for one in (node.selection_set or SelectionSetNode()).selections]
        selections = self._selections(chosen, get_named_type(info.return_type), subgraph, info.fragments)
        return FieldNode(alias=first.alias, name=first.name, arguments=first.arguments, selection_set=selections)

    def _selections(
        self, chosen: Sequence[SelectionNode], kind: GraphQLNamedType, subgraph: str, fragments: Mapping[str, Any]
    ) -> SelectionSetNode | None:
        if not is_composite_type(kind):
            return None
        always = ["__typename", "id"] if self._ownership.is_entity(kind.name) else ["__typename"]
        asked = list(self._asked_along(chosen, kind, subgraph, fragments))
        return SelectionSetNode(selections=(*[FieldNode(name=NameNode(value=name)) for name in always], *asked))

    def _asked_along(
        self, chosen: Sequence[SelectionNode], kind: Any, subgraph: str, fragments: Mapping[str, Any]
    ) -> Iterator[SelectionNode]:
        """The selections that come with their parent."""
        for one in chosen:
            if isinstance(one, FieldNode):
                if self._comes_with(kind, one.name.value, subgraph):
                    inner = get_named_type(kind.fields[one.name.value].type)
                    below = one.selection_set.selections if one.selection_set else ()
                    selections = self._selections(below, inner, subgraph, fragments)
                    yield FieldNode(
                        alias=one.alias,
                        name=one.name,
                        arguments=one.arguments,
                        directives=one.directives,
                        selection_set=selections,
                    )
                continue
            fragment: Any = one if isinstance(one, InlineFragmentNode) else fragments[one.name.value]  # type: ignore[attr-defined]
            on = fragment.type_condition
            inner = self._schema.type_map[on.name.value] if on else kind
            selections = self._selections(fragment.selection_set.selections, inner, subgraph, fragments)
            assert selections is not None
            yield InlineFragmentNode(type_condition=on, directives=one.directives, selection_set=selections)

    def _comes_with(self, kind: Any, field: str, subgraph: str) -> bool:
        if field == "__typename":
            return False
        if self._ownership.is_entity(kind.name):
            is_told = self._ownership.owns(subgraph, kind.name, field) and not self._ownership.requires(
                kind.name, field
            )
            return self._in_place and is_told
        return True

    # ---- what was reached

    def _count(self, info: Info, arguments: Mapping[str, Any], value: Any) -> None:
        reach, field = self._reference.reach, f"{info.parent_type.name}.{info.field_name}"
        reach.fields[field] += 1
        for one in info.field_nodes[0].arguments or ():
            reach.arguments[f"{field}({one.name.value}:)"] += 1
            kind = get_named_type(info.parent_type.fields[info.field_name].args[one.name.value].type)
            self._count_input(kind, arguments.get(one.name.value))
        kind = get_named_type(info.return_type)
        if is_union_type(kind):
            reach.members[f"{kind.name} = {value['__typename']}"] += 1

    def _count_input(self, kind: Any, value: Any) -> None:
        for name, inner in value.items() if isinstance(value, dict) else ():
            if inner is not None:
                self._reference.reach.arguments[f"{kind.name}.{name}"] += 1
                self._count_input(get_named_type(kind.fields[name].type), inner)


def _found(subgraph: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_found(subgraph, one) for one in value]
    return Found(subgraph, value) if isinstance(value, dict) else value


def _step(value: Any, step: str | int) -> Any:
    """What is at the next step; None below a null, and the error below an error."""
    return value if value is None or isinstance(value, Exception) else value[step]


def _with_errors(answer: dict[str, Any]) -> Any:
    """The data of an answer, with each error as a value where its null was."""
    whole: dict[str, Any] = {"data": answer.get("data")}
    for error in answer.get("errors", ()):
        code = (error.get("extensions") or {}).get("code", "none")
        at: Any = whole
        for step in ("data", *(error.get("path") or ())):
            if at[step] is None:
                at[step] = GraphQLError(error["message"], extensions={"code": code})
            if isinstance(at[step], Exception):
                break
            at = at[step]
    return whole["data"]
