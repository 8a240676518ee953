"""Query plans: which subgraphs the router calls for an operation, for what, and in which order.

A plan is the value of `extensions.apolloQueryPlan` in the router's response. The router adds it if the request has the
header `Apollo-Expose-Query-Plan: true`; with `dry-run` it plans the operation without executing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

Plan = Mapping[str, Any]

WIDTH = 96
ENTITIES = re.compile(r"^query\b.*?\{ _entities\(representations: \$representations\) (.*) \}$")


class _Node(msgspec.Struct, tag_field="kind", rename="camel"):
    pass


class Field(_Node, tag="Field"):
    name: str
    selections: list[Selection] | None = None


class InlineFragment(_Node, tag="InlineFragment"):
    type_condition: str | None = None
    selections: list[Selection] = []


class Fetch(_Node, tag="Fetch"):
    """One request to one subgraph."""

    service_name: str
    operation: str
    operation_kind: str
    requires: list[Selection] | None = None


class Sequence(_Node, tag="Sequence"):
    nodes: list[Node]


class Parallel(_Node, tag="Parallel"):
    nodes: list[Node]


class Flatten(_Node, tag="Flatten"):
    """A fetch for the entities at a path of the response so far; @ stands for every item of a list."""

    path: list[str | int]
    node: Node


class Condition(_Node, tag="Condition"):
    """A part of the plan that depends on a variable in @include or @skip."""

    condition: str
    if_clause: Node | None = None
    else_clause: Node | None = None


Selection = Field | InlineFragment
Node = Fetch | Sequence | Parallel | Flatten | Condition


class _QueryPlan(msgspec.Struct):
    node: Node | None = None


def fetches(plan: Plan) -> list[str]:
    """The names of the subgraphs called, one for each request, in the order of the plan."""
    root = _root(plan)
    return [] if root is None else [fetch.service_name for fetch in _fetches(root)]


def summary(plan: Plan) -> str:
    """The plan in one line: `|` separates parallel fetches, `>` sequential ones."""
    root = _root(plan)
    return "no subgraph" if root is None else _short(root)


def render(plan: Plan) -> str:
    """The plan as a readable tree."""
    root = _root(plan)
    if root is None:
        return "The router answers this by itself: no subgraph is called."
    return "\n".join(_tree(root, "", ""))


def _root(plan: Plan) -> Node | None:
    return msgspec.convert(plan["object"], _QueryPlan).node


def _children(node: Node) -> list[Node]:
    match node:
        case Fetch():
            return []
        case Sequence(nodes) | Parallel(nodes):
            return nodes
        case Flatten(_, inner):
            return [inner]
        case Condition(_, yes, no):
            return [clause for clause in (yes, no) if clause is not None]


def _fetches(node: Node) -> Iterator[Fetch]:
    if isinstance(node, Fetch):
        yield node
    for child in _children(node):
        yield from _fetches(child)


def _short(node: Node) -> str:
    parts = [_short(child) for child in _children(node)]
    match node:
        case Fetch():
            return node.service_name
        case Sequence(nodes):
            return " > ".join(
                f"({part})" if isinstance(child, Parallel) else part for child, part in zip(nodes, parts, strict=True)
            )
        case Condition():
            return f"[{' / '.join(parts)}]"
        case _:
            return " | ".join(parts)


def _tree(node: Node, first: str, rest: str) -> Iterator[str]:
    """The node's lines: `first` is the prefix of its own line, `rest` that of its children's."""
    if isinstance(node, Flatten) and isinstance(node.node, Fetch):
        yield f"{first}Flatten {_path(node)}: {_fetch(node.node)}"
        return
    yield first + _title(node)
    children = _children(node)
    for number, child in enumerate(children, 1):
        last = number == len(children)
        yield from _tree(child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))


def _title(node: Node) -> str:
    match node:
        case Fetch():
            return _fetch(node)
        case Flatten():
            return f"Flatten {_path(node)}"
        case Condition():
            otherwise = ", else" if node.if_clause and node.else_clause else ""
            return f"Condition {'if' if node.if_clause else 'unless'} ${node.condition}{otherwise}"
        case _:
            return type(node).__name__


def _fetch(fetch: Fetch) -> str:
    entities = ENTITIES.match(fetch.operation)
    selection = entities[1] if entities else fetch.operation.removeprefix(fetch.operation_kind).strip()
    if len(selection) > WIDTH:
        selection = selection[: WIDTH - 1] + "…"
    needs = f"  needs {_selections(fetch.requires)}" if fetch.requires else ""
    return f"Fetch {fetch.service_name} ({fetch.operation_kind}) {selection}{needs}"


def _path(node: Flatten) -> str:
    return ".".join(str(step) for step in node.path)


def _selections(selections: list[Selection]) -> str:
    return " ".join(_selection(one) for one in selections)


def _selection(one: Selection) -> str:
    name = one.name if isinstance(one, Field) else one.type_condition or "..."
    inner = [each for each in one.selections or [] if getattr(each, "name", "") != "__typename"]
    return f"{name} {{ {_selections(inner)} }}" if inner else name
