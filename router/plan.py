"""Query plans: which subgraphs the router calls for an operation, for what, and in which order.

A plan is the value of `extensions.apolloQueryPlan` in the router's response. The router adds it if the request has the
header `Apollo-Expose-Query-Plan: true`; with `dry-run` it plans the operation without executing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
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


class Primary(msgspec.Struct):
    """What the first part of a deferred answer needs."""

    node: Node | None = None


class Deferred(msgspec.Struct, rename="camel"):
    """What a later part of the answer needs: the one of an `@defer` at this path."""

    query_path: list[str]
    label: str | None = None
    node: Node | None = None


class Defer(_Node, tag="Defer"):
    primary: Primary
    deferred: list[Deferred]


Selection = Field | InlineFragment
Node = Fetch | Sequence | Parallel | Flatten | Condition | Defer
Part = Node | Primary | Deferred


class _QueryPlan(msgspec.Struct):
    node: Node | None = None


def fetches(plan: Plan) -> list[str]:
    """The names of the subgraphs called, one for each request, in the order of the plan."""
    top = root(plan["object"])
    return [] if top is None else [fetch.service_name for fetch in all_fetches(top)]


def summary(plan: Plan) -> str:
    """The plan in one line: `|` separates parallel fetches, `>` sequential ones, `later` deferred ones."""
    top = root(plan["object"])
    return "no subgraph" if top is None else _short(top)


def render(plan: Plan) -> str:
    """The plan as a readable tree."""
    top = root(plan["object"])
    if top is None:
        return "The router answers this by itself: no subgraph is called."
    return "\n".join(_tree(top, "", ""))


def root(tree: Any) -> Node | None:
    """The first node of a plan's `object`; None if no subgraph is called. Raises msgspec.ValidationError."""
    return msgspec.convert(tree, _QueryPlan).node


def children(node: Part) -> list[Part]:
    match node:
        case Fetch():
            return []
        case Sequence(nodes) | Parallel(nodes):
            return list(nodes)
        case Flatten(_, inner):
            return [inner]
        case Defer(primary, deferred):
            return [primary, *deferred]
        case Primary(node=inner) | Deferred(node=inner):
            return [] if inner is None else [inner]
        case Condition(_, yes, no):
            return [clause for clause in (yes, no) if clause is not None]


def all_fetches(node: Part) -> Iterator[Fetch]:
    if isinstance(node, Fetch):
        yield node
    for child in children(node):
        yield from all_fetches(child)


def _short(node: Part) -> str:
    parts = [_short(child) for child in children(node)]
    match node:
        case Fetch():
            return node.service_name
        case Sequence(nodes):
            return " > ".join(
                f"({part})" if isinstance(child, Parallel | Defer) else part
                for child, part in zip(nodes, parts, strict=True)
            )
        case Defer():
            return f"{parts[0]}, later {' | '.join(parts[1:])}"
        case Condition():
            return f"[{' / '.join(parts)}]"
        case _:
            return " | ".join(parts)


def _tree(node: Part, first: str, rest: str) -> Iterator[str]:
    """The node's lines: `first` is the prefix of its own line, `rest` that of its children's."""
    if isinstance(node, Flatten) and isinstance(node.node, Fetch):
        yield f"{first}Flatten {dotted(node.path)}: {_fetch(node.node)}"
        return
    yield first + title(node)
    below = children(node)
    for number, child in enumerate(below, 1):
        last = number == len(below)
        yield from _tree(child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))


def title(node: Part) -> str:
    match node:
        case Fetch():
            return _fetch(node)
        case Flatten():
            return f"Flatten {dotted(node.path)}"
        case Deferred(label=label):
            return f"Deferred {dotted(node.query_path)}".rstrip() + _named(label)
        case Condition():
            otherwise = ", else" if node.if_clause and node.else_clause else ""
            return f"Condition {'if' if node.if_clause else 'unless'} ${node.condition}{otherwise}"
        case _:
            return type(node).__name__


def _named(label: str | None) -> str:
    """The label of an `@defer`. The router numbers those that have none, and puts `_` before the others."""
    return f" ({label[1:]})" if label and label.startswith("_") else ""


def _fetch(fetch: Fetch) -> str:
    entities = ENTITIES.match(fetch.operation)
    selection = entities[1] if entities else fetch.operation.removeprefix(fetch.operation_kind).strip()
    if len(selection) > WIDTH:
        selection = selection[: WIDTH - 1] + "…"
    needs = f"  needs {selections(fetch.requires)}" if fetch.requires else ""
    return f"Fetch {fetch.service_name} ({fetch.operation_kind}) {selection}{needs}"


def dotted(path: Iterable[str | int]) -> str:
    return ".".join(str(step) for step in path)


def selections(some: list[Selection]) -> str:
    """What a fetch requires, in one line, without `__typename`."""
    return " ".join(_selection(one) for one in some)


def _selection(one: Selection) -> str:
    name = one.name if isinstance(one, Field) else one.type_condition or "..."
    inner = [each for each in one.selections or [] if getattr(each, "name", "") != "__typename"]
    return f"{name} {{ {selections(inner)} }}" if inner else name
