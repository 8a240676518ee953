"""The tour's guide: sends an operation, shows it with its answer and its query plan, and checks the answer.

A plan in short: `|` stands between subgraphs that the router asked at once, `>` before one that had to wait.
"""

import json
import textwrap
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from router.plan import summary


class WrongAnswer(Exception):
    """The store did not answer as its story says; the message names the stop."""


class Guide:
    """Sends operations, shows them, and checks their answers."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self.stops = 0

    def show(
        self,
        title: str,
        operation: str,
        variables: dict[str, Any] | None = None,
        token: str = "",
        expect: Callable[[dict[str, Any]], Any] = bool,
    ) -> dict[str, Any]:
        """One stop of the tour. Raises WrongAnswer when `expect` does not hold for the answer's data."""
        self.stops += 1
        operation = textwrap.dedent(operation).strip()
        print(f"\n{self.stops:>3}. {title}\n" + textwrap.indent(operation, "     "))
        answer = self._send(operation, variables or {}, token)
        plan = answer.get("extensions", {}).get("apolloQueryPlan")
        print("     plan:   " + (summary(plan) if plan else "-"))
        shown = {key: answer[key] for key in ("data", "errors") if answer.get(key)}
        print("     answer: " + textwrap.shorten(json.dumps(shown, ensure_ascii=False), 600))
        data: dict[str, Any] = answer.get("data") or {}
        try:
            expected = bool(data) and expect(data)
        except (KeyError, TypeError, IndexError):
            expected = False
        if not expected:
            raise WrongAnswer(f"Stop {self.stops} ({title}) was not answered as expected.")
        return data

    def wait(self, operation: str, token: str, expect: Callable[[dict[str, Any]], Any], seconds: float) -> bool:
        """Whether the answer becomes as expected within a while: events take some milliseconds."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if expect(self._send(operation, {}, token).get("data") or {}):
                return True
            time.sleep(0.05)
        return False

    def _send(self, operation: str, variables: dict[str, Any], token: str) -> dict[str, Any]:
        body = json.dumps({"query": operation, "variables": variables}).encode()
        headers = {"content-type": "application/json", "apollo-expose-query-plan": "true"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self._endpoint, body, headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
        return answer
