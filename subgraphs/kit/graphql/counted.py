"""What is counted of operations: the seconds by root field, and errors by the name that a client gave its operation.

Root fields are those of the schema. Clients choose the names: a process counts a few of them by name, and the
others together.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode
from prometheus_client import Counter, Histogram

from subgraphs.kit.errors import CODES, StoreError, Unavailable

SECONDS = Histogram(
    "steampunk_operation_seconds",
    "Seconds to answer an operation, by the first field that it asks for.",
    ["field"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
FAILURES = Counter(
    "steampunk_operation_failures_total",
    "Operations with an error that is the store's own (INTERNAL or UNAVAILABLE), by the first field that they ask for.",
    ["field"],
)
ERRORS = Counter(
    "steampunk_operation_errors_total",
    "GraphQL errors answered, by extensions.code and the operation's name; names beyond the first 50 are `other`.",
    ["operation", "code"],
)

MOST_NAMES = 50
OTHER, ANONYMOUS = "other", "anonymous"
OWN = {StoreError.code, Unavailable.code}
FETCH = re.compile(r"__[a-z]+__\d+$")
"""What the router adds to an operation's name, for each fetch from a subgraph."""

_names: set[str] = set()


class Counted(NamedTuple):
    """What an operation is counted as."""

    field: str
    name: str

    def answered(self, seconds: float, codes: Sequence[str]) -> None:
        """Counts an answer and the codes of its errors."""
        SECONDS.labels(self.field).observe(seconds)
        for code in codes:
            ERRORS.labels(self.name, code).inc()
        if not OWN.isdisjoint(codes):
            FAILURES.labels(self.field).inc()


def counted(document: DocumentNode, operation: OperationDefinitionNode) -> Counted:
    """What a valid operation is counted as. Its counters exist from now on."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    name = _name(operation.name.value if operation.name else "")
    for code in CODES:
        ERRORS.labels(name, code)
    return Counted(_first_field(operation.selection_set, fragments), name)


def begin_counting(fields: Sequence[str]) -> None:
    """Makes the counters of root fields exist at 0, so that a first failure shows as a change."""
    for field in fields:
        SECONDS.labels(field)
        FAILURES.labels(field)


def _name(given: str) -> str:
    name = FETCH.sub("", given) or ANONYMOUS
    if len(_names) < MOST_NAMES:
        _names.add(name)
    return name if name in _names else OTHER


def _first_field(selections: SelectionSetNode | None, fragments: dict[str, FragmentDefinitionNode]) -> str:
    assert selections is not None, "An operation has fields."
    first = selections.selections[0]
    if isinstance(first, FieldNode):
        return first.name.value
    inner = getattr(first, "selection_set", None) or fragments[first.name.value].selection_set  # type: ignore[attr-defined]
    return _first_field(inner, fragments)
