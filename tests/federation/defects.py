"""What the gateways do wrong: each defect with the smallest operation that shows it.

Generated operations avoid these forms, or the comparison lets them pass. Once a gateway is mended, `test_defects.py` fails:
then remove the entry, and what avoids it or lets it pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Defect:
    """An operation that a customer with a past sends, and the gateways that answer it wrongly."""

    name: str
    gateways: frozenset[str]
    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)


ROUTER, BOTH = frozenset({"router"}), frozenset({"router", "node"})

DEFECTS = (
    # https://github.com/apollographql/router/issues/9849
    Defect(
        "a condition of a field with @requires takes its neighbours away",
        BOTH,
        "query($c: Boolean!) { products(first: 20) { edges { node { state @include(if: $c) stock { remaining } } } } }",
        {"c": False},
    ),
    Defect(
        "a list is empty if everything in it is deferred",
        ROUTER,
        "{ products(first: 2) { edges { node { ... @defer { title } } } } }",
    ),
    Defect(
        "deferred parts are left out if another one is below a field that is skipped",
        ROUTER,
        """query($c: Boolean!) { me { id
          wallet @skip(if: $c) { __typename ... @defer { balance } }
          ... @defer { name } } }""",
        {"c": True},
    ),
    Defect(
        "the error of a deferred part is lost if nothing is left of the part",
        ROUTER,
        """{ me { id ... @defer { playHistory(after: "no cursor") { __typename } } } }""",
    ),
    # The first sales are of games without a developer.
    Defect(
        "a deferred part is left out that has an empty list in it",
        ROUTER,
        """{ flashSales(first: 2) { edges { __typename ... @defer { node { product { developedBy {
          developed(first: 1) { facets { __typename } } } } } } } } }""",
    ),
)
