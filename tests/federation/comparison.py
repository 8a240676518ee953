"""Asks the reference and the gateways the same, and makes a difference as small as it gets."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    SelectionNode,
    SelectionSetNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from tests.clients import Account
from tests.federation.answers import Answer, difference, in_common
from tests.federation.gateways import through
from tests.federation.reference import NoDefer, Reference

ATTEMPTS = 3
"""A difference counts if it is there each time: the store goes on meanwhile, and a refund may settle in between."""
MOST_TRIED = 100
"""So many smaller operations are tried to show a difference."""
TOO_LARGE = "QUERY_TOO_COMPLEX"
DEFERS = "@defer"


@dataclass(frozen=True)
class Asked:
    """Who asks, with which variables."""

    viewer: Account | None
    variables: dict[str, Any]


@dataclass(frozen=True)
class Trial:
    """An operation to compare."""

    name: str
    document: str
    arrange: Callable[[], Awaitable[Asked]]
    """Called once for each executor, so that each sends the mutation as another person in the same situation."""
    is_mutation: bool = False


@dataclass
class Comparison:
    """The executors. Counts in `outcomes` what became of the operations."""

    reference: Reference
    gateways: Mapping[str, str]
    """The address of each gateway by its name: `router`, `node`."""
    http: aiohttp.ClientSession
    outcomes: Counter[str] = field(default_factory=Counter)

    async def differences(self, trial: Trial) -> list[str]:
        """The differences of all gateways, each as the smallest operation that has one."""
        found = []
        expected = await self._expected(trial)
        for gateway in self.gateways:
            if await self._differs(trial, gateway, expected):
                smallest = await self._smallest(trial, gateway)
                found.append(await self._described(smallest, gateway))
        return found

    async def differing(self, trial: Trial) -> set[str]:
        """The gateways that answer something else than the reference, by design or not."""
        expected = await self._expected(trial)
        return {name for name in self.gateways if difference(expected, await self._found(trial, name))}

    async def _differs(self, trial: Trial, gateway: str, expected: Answer | None = None) -> str:
        """How the gateway's answer differs each time; empty if it agrees once, or differs by design.

        `expected` is what the reference has answered just now, if it was asked.
        """
        if gateway == "node" and DEFERS in trial.document:
            return await self._refuses(trial)
        differs = ""
        for _ in range(ATTEMPTS):
            expected = expected or await self._expected(trial)
            found = await self._found(trial, gateway)
            differs = difference(expected, found)
            if TOO_LARGE in expected.codes | found.codes or (differs and await self._defers_too_much(trial, gateway)):
                self.outcomes[f"{gateway}: too large"] += 1
                return ""
            if DEFERS in trial.document and expected.errors and found.codes <= expected.codes:
                # A null stops at the deferred part, and does not reach what was answered before. The router may lose
                # the part's errors: see defects.py.
                differs = ""
            if not differs:
                kind = "with errors" if expected.errors else "without errors"
                self.outcomes[f"{gateway}: the same, {kind}"] += 1
                return ""
            expected = None
        return differs

    async def _defers_too_much(self, trial: Trial, gateway: str) -> bool:
        """Whether a deferred part is refused for its cost, an error that the router may lose: see defects.py."""
        at_once = replace(trial, document=print_ast(visit(parse(trial.document), NoDefer())))
        return DEFERS in trial.document and TOO_LARGE in (await self._found(at_once, gateway)).codes

    async def _refuses(self, trial: Trial) -> str:
        """The Node gateway has no `@defer`."""
        found = await self._found(trial, "node")
        self.outcomes["node: @defer refused"] += 1
        return "" if found.is_refused and found.codes == {"BAD_USER_INPUT"} else "@defer was not refused"

    async def _expected(self, trial: Trial) -> Answer:
        asked = await trial.arrange()
        return _comparable(trial, await self.reference.answer(trial.document, asked.variables, asked.viewer))

    async def _found(self, trial: Trial, gateway: str) -> Answer:
        asked, url = await trial.arrange(), self.gateways[gateway]
        return _comparable(trial, await through(self.http, url, trial.document, asked.variables, asked.viewer))

    async def _smallest(self, trial: Trial, gateway: str) -> Trial:
        """The trial with as much left out as can be while the gateway differs."""
        tried = 0
        candidates = smaller_ones(trial.document)
        while tried < MOST_TRIED and (document := next(candidates, "")):
            tried += 1
            candidate = replace(trial, document=document)
            if await self._differs(candidate, gateway):
                trial, candidates = candidate, smaller_ones(document)
        return trial

    async def _described(self, trial: Trial, gateway: str) -> str:
        expected, found = await self._expected(trial), await self._found(trial, gateway)
        asked = await trial.arrange()
        return (
            f"{trial.name}: {gateway} differs from the reference {difference(expected, found)}\n"
            f"{trial.document}\nvariables: {json.dumps(asked.variables)}\n"
            f"reference: {_shown(expected)}\n{gateway}: {_shown(found)}"
        )


def _comparable(trial: Trial, answer: Answer) -> Answer:
    return Answer(in_common(answer.data), answer.errors) if trial.is_mutation else answer


def _shown(answer: Answer) -> str:
    errors = {".".join(map(str, place)): sorted(codes) for place, codes in answer.errors.items()}
    return f"{json.dumps(answer.data)[:2000]} errors {errors}"


def smaller_ones(document: str) -> Iterator[str]:
    """The document with less, the least first: without fragments and directives, with one selection, without one."""
    parsed = parse(document, no_location=True)
    for change in [_spread_out(parsed), *_changes(parsed)]:
        if (text := print_ast(_tidy(change))) != document and not _defers_all(change):
            yield text


def _defers_all(node: Any) -> bool:
    """Whether all that is selected of some object is deferred: the router's first part has no place for it then."""
    if isinstance(node, SelectionSetNode) and all(map(_is_deferred, node.selections)):
        return True
    values = [getattr(node, key, None) for key in node.keys]
    inner = [one for value in values for one in (value if isinstance(value, tuple) else [value])]
    return any(_defers_all(one) for one in inner if isinstance(one, Node))


def _is_deferred(selection: SelectionNode) -> bool:
    return any(one.name.value == "defer" for one in selection.directives or ())


def _spread_out(document: DocumentNode) -> DocumentNode:
    """The document with each named fragment in the place where it is used."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}

    class Spread(Visitor):
        def leave_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> InlineFragmentNode:
            fragment = fragments[node.name.value]
            inner = visit(fragment.selection_set, Spread())
            return InlineFragmentNode(
                type_condition=fragment.type_condition, directives=node.directives, selection_set=inner
            )

    spread: DocumentNode = visit(document, Spread())
    return spread


def _changes(node: Any) -> Iterator[Any]:
    """The node in all forms that have less."""
    if isinstance(node, SelectionSetNode) and len(node.selections) > 1:
        for one in node.selections:
            yield SelectionSetNode(selections=(one,))
        for number in range(len(node.selections)) if len(node.selections) > 2 else ():
            yield SelectionSetNode(selections=(*node.selections[:number], *node.selections[number + 1 :]))
    if isinstance(node, SelectionSetNode):
        yield from _unwrapped(node.selections)
    if getattr(node, "directives", ()):
        yield _with(node, directives=())
    for key in node.keys:
        value = getattr(node, key, None)
        if isinstance(value, Node):
            yield from (_with(node, **{key: changed}) for changed in _changes(value))
        if isinstance(value, tuple):
            for number, one in enumerate(value):
                if isinstance(one, Node):
                    for changed in _changes(one):
                        yield _with(node, **{key: (*value[:number], changed, *value[number + 1 :])})


def _unwrapped(selections: Sequence[SelectionNode]) -> Iterator[SelectionSetNode]:
    """The selections with one inline fragment replaced by what it selects."""
    for number, one in enumerate(selections):
        if isinstance(one, InlineFragmentNode):
            inner = one.selection_set.selections
            yield SelectionSetNode(selections=(*selections[:number], *inner, *selections[number + 1 :]))


def _with(node: Any, **changes: Any) -> Any:
    parts = {key: getattr(node, key, None) for key in node.keys if key != "loc"}
    return type(node)(**(parts | changes))


def _tidy(document: DocumentNode) -> DocumentNode:
    """The document without unused variables and fragments."""
    text = print_ast(document)
    kept = [one for one in document.definitions if not _is_unused(one, text)]
    operations = []
    for one in kept:
        variables = getattr(one, "variable_definitions", None) or ()
        used = tuple(each for each in variables if text.count(f"${each.variable.name.value}") > 1)
        operations.append(_with(one, variable_definitions=used) if variables else one)
    return DocumentNode(definitions=tuple(operations))


def _is_unused(definition: Any, text: str) -> bool:
    return hasattr(definition, "type_condition") and f"...{definition.name.value}" not in text
