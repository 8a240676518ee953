"""Turns a query plan into the JSON that the playground's page draws."""

from typing import Any

from graphql import parse, print_ast

from router.plan import (
    Defer,
    Fetch,
    Flatten,
    Part,
    Sequence,
    all_fetches,
    children,
    dotted,
    root,
    selections,
    title,
)

Drawing = dict[str, Any]


def draw(tree: Any) -> Drawing:
    """Reads the `object` of a plan. Raises msgspec.ValidationError.

    `stages` is how many fetches, at most, wait for one another.
    """
    top = root(tree)
    if top is None:
        return {"fetches": 0, "stages": 0, "root": None}
    return {"fetches": len(list(all_fetches(top))), "stages": _stages(top), "root": _node(top)}


def _stages(node: Part) -> int:
    below = [_stages(child) for child in children(node)]
    match node:
        case Fetch():
            return 1
        case Sequence():
            return sum(below)
        case Defer():
            # The parts that come later wait for what the first part has fetched.
            return below[0] + max(below[1:], default=0)
        case _:
            return max(below, default=0)


def _node(node: Part, path: str = "") -> Drawing:
    match node:
        case Fetch():
            return _fetch(node, path)
        case Flatten(steps, inner):
            return _node(inner, dotted(steps))
        case _:
            kind = type(node).__name__.lower()
            return {"kind": kind, "title": title(node), "children": [_node(child) for child in children(node)]}


def _fetch(fetch: Fetch, path: str) -> Drawing:
    return {
        "kind": "fetch",
        "subgraph": fetch.service_name,
        "operationKind": fetch.operation_kind,
        "operation": print_ast(parse(fetch.operation)),
        "requires": selections(fetch.requires) if fetch.requires else None,
        "path": path or None,
    }
