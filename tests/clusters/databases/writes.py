"""The customers' journal of writes: what was in flight when something failed, and what was acknowledged when."""

import re
import time
from typing import Any

import aiohttp

from tests.clients import Account, Client

KINDS = {"checkout": "Payment", "pay": "Payment", "claim": "Claim"}
"""The mutations that count as service, each with the type of an answer that acknowledges it."""
JUST_NOW_SECONDS = 1.0


class Journal(Client):
    """A client of the router that remembers its mutations. A request that is repeated is one write."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        super().__init__(http, url, {})
        self.in_flight: dict[str, int] = {}
        self._begun: dict[str, float] = {}
        self._acknowledged: dict[tuple[str, str], tuple[float, float]] = {}
        """Of each new thing, when its request was first sent, and when it was acknowledged."""

    async def run(
        self, query: str, variables: dict[str, Any] | None = None, viewer: Account | None = None, **headers: str
    ) -> dict[str, Any]:
        kind = re.match(r"mutation.*?out: (\w+)", query, re.DOTALL)
        if kind is None:
            return await super().run(query, variables, viewer, **headers)
        write = f"{kind[1]} {variables} {viewer and viewer.id}"
        begun = self._begun.setdefault(write, time.monotonic())
        self.in_flight[write] = self.in_flight.get(write, 0) + 1
        answer: dict[str, Any] = {}
        try:
            answer = await super().run(query, variables, viewer, **headers)
            return answer
        finally:
            self.in_flight[write] -= 1
            if not self.in_flight[write]:
                del self.in_flight[write]
            self._note(kind[1], answer, begun)

    def is_busy(self) -> bool:
        """Whether there have been pays, checkouts and claims, some are in flight, and some were acknowledged just now."""
        is_served = self.serves_since(0.0) is not None
        return is_served and self.in_flight_now() > 0 and self.acknowledged_just_now() > 0

    def in_flight_now(self) -> int:
        return sum(count for write, count in self.in_flight.items() if write.split()[0] in KINDS)

    def acknowledged_just_now(self) -> int:
        """How many were acknowledged in the last second."""
        times = [acknowledged for _, acknowledged in self._acknowledged.values()]
        return sum(time.monotonic() - acknowledged < JUST_NOW_SECONDS for acknowledged in times)

    def serves_since(self, since: float) -> float | None:
        """When a pay, a checkout and a claim, each sent after `since`, had been acknowledged; None if one has not."""
        firsts = [self._first(kind, since) for kind in KINDS]
        return None if None in firsts else max(first for first in firsts if first is not None)

    def _first(self, kind: str, since: float) -> float | None:
        times = [
            acknowledged
            for (one, _), (begun, acknowledged) in self._acknowledged.items()
            if one == kind and begun > since
        ]
        return min(times, default=None)

    def _note(self, kind: str, answer: dict[str, Any], begun: float) -> None:
        """A claim or payment that was acknowledged before may be answered from what is remembered: it is no new write."""
        made = (answer.get("data") or {}).get("out") or {}
        if kind in KINDS and made.get("__typename") == KINDS[kind]:
            self._acknowledged.setdefault((kind, made["id"]), (begun, time.monotonic()))
