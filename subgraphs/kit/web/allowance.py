"""What a client's operation may still cost here.

The router fetches each entity once, at however many places of the client's answer it stands, and an operation may have
many fetches. So the router tells, in `x-places`, at how many places an entity can stand by now, and the fetches of one
request share a budget.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from subgraphs.kit.errors import QueryTooComplex
from subgraphs.kit.graphql.cost import OperationCost
from subgraphs.kit.graphql.limits import BUDGET

PLACES_HEADER = "x-places"
# After this time, a request id counts as that of a new request.
REMEMBERED_SECONDS = 10.0
REMEMBERED_REQUESTS = 10_000
# Larger numbers say nothing more, and JSON has no room for the largest.
MAX_SHOWN = 2**53 - 1


class Spending:
    """What the requests of the last seconds have cost in this process."""

    def __init__(self) -> None:
        self._spent: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def add(self, request_id: str, cost: int) -> None:
        """Raises QueryTooComplex if that is more than the request may cost, and adds nothing then."""
        self._forget()
        begun, spent = self._spent.get(request_id, (time.monotonic(), 0))
        total = spent + cost
        if total > BUDGET:
            raise QueryTooComplex(
                "The operation would cost too much: ask for smaller pages or for less of each item.",
                cost=min(total, MAX_SHOWN),
                budget=BUDGET,
            )
        self._spent[request_id] = begun, total

    def _forget(self) -> None:
        oldest_kept = time.monotonic() - REMEMBERED_SECONDS
        while self._spent:
            begun, _ = next(iter(self._spent.values()))
            if begun >= oldest_kept and len(self._spent) <= REMEMBERED_REQUESTS:
                return
            self._spent.popitem(last=False)


class Allowance:
    """One fetch's part of a request's budget. `places` is the router's header; peers spend nothing."""

    def __init__(self, spending: Spending | None, request_id: str, places: str | None) -> None:
        self._spending, self._request_id = spending, request_id
        self._places = int(places) if places and places.isdecimal() else 0
        self._references: int | None = None

    def pay(self, cost: OperationCost, variables: Mapping[str, Any]) -> None:
        """Raises QueryTooComplex if the request has too little left."""
        if self._spending is None:
            return
        total = cost.total(variables, self._places)
        self._spending.add(self._request_id, total.values)
        if self._places > cost.representations(variables) > 0:
            self._references = total.references

    def places_after(self, answer: bytes, references: re.Pattern[bytes]) -> int:
        """At how many places of the client's answer the entities of this answer can stand.

        `references` matches each entity in an answer.
        """
        return len(references.findall(answer)) if self._references is None else self._references
