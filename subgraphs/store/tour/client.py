"""The tour's GraphQL client: prints each operation with its query plan and answer, and checks the answer.

In a printed plan, subgraphs joined by `|` are asked in parallel; the one after `>` has to wait.
"""

import json
import textwrap
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from subgraphs.store.tour.printing import Printer


class UnexpectedAnswer(Exception):
    """The store did not answer as expected; the message names the step."""


class TourClient:
    """Sends operations, prints them, and checks their answers."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self.printer = Printer()
        self.steps = 0

    def run(
        self,
        title: str,
        operation: str,
        variables: dict[str, Any] | None = None,
        token: str = "",
        expect: Callable[[dict[str, Any]], Any] = bool,
    ) -> dict[str, Any]:
        """Runs one step of the tour; the answer's data. Raises UnexpectedAnswer unless `expect(data)` is true."""
        self.steps += 1
        operation = textwrap.dedent(operation).strip()
        self.printer.operation(self.steps, title, operation)
        answer = self._send(operation, variables or {}, token)
        self.printer.answer(self.steps, title, answer)
        data: dict[str, Any] = answer.get("data") or {}
        try:
            expected = bool(data) and expect(data)
        except (KeyError, TypeError, IndexError):
            expected = False
        if not expected:
            raise UnexpectedAnswer(f"Step {self.steps} ({title}) was not answered as expected.")
        return data

    def wait(self, operation: str, token: str, expect: Callable[[dict[str, Any]], Any], seconds: float) -> bool:
        """Repeats an operation until its answer is as expected; False if it is not within `seconds`."""
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
