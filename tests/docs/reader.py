"""Follows a page literally: runs its commands and sends its operations, one after the other."""

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from typing import Any

from tests.docs.expected import answers, filled, prints
from tests.docs.pages import Command, NewFile, Operation, Patch, Step, steps
from tests.docs.store import ReaderStore


class Differs(AssertionError):
    """The page shows something else than there is."""


class Reader:
    """Reads one page. What its answers name, such as `<accessToken>`, holds to its end."""

    def __init__(self, store: ReaderStore, not_run: Mapping[str, str]) -> None:
        self._store = store
        self._not_run = not_run
        self._known: dict[str, Any] = {}
        self._token = ""

    def follow(self, page: str) -> int:
        """Runs all steps of a page and returns their number. Raises Differs at the first failure."""
        return self.take(steps(page))

    def take(self, steps: Iterable[Step]) -> int:
        """Runs some steps of a page and returns their number. Raises Differs at the first failure."""
        done = 0
        for step in steps:
            if isinstance(step, Operation):
                self._send(step)
            elif isinstance(step, NewFile | Patch):
                raise Differs(f"line {step.line}: this page changes the code")
            elif bare(step.text) in self._not_run:
                continue
            else:
                self._run(step)
            done += 1
        return done

    def _run(self, command: Command) -> None:
        compare(command, self._store.run(filled(command.text, self._known)), filled(command.expected, self._known))

    def _send(self, operation: Operation) -> None:
        answer = self._answer(filled(operation.text, self._known), filled(operation.variables, self._known))
        answer.pop("extensions", None)
        for error in answer.get("errors", []):
            error.pop("locations", None)
        self._token = newest_token(answer) or self._token
        shown = operation.expected
        fits = answers(shown, answer, self._known) if shown else answer.keys() == {"data"}
        if not fits:
            raise Differs(
                f"line {operation.line}:\n{operation.text}answered\n{json.dumps(answer, indent=2, ensure_ascii=False)}"
            )

    def _answer(self, query: str, variables: Any) -> dict[str, Any]:
        """Sends an operation, with the newest access token that the page has got."""
        headers = {"content-type": "application/json"}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(self._store.settings.graphql_url, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:  # an operation that is refused as a whole
            answer = json.load(error)
        return answer


def compare(command: Command, done: subprocess.CompletedProcess[str], expected: str) -> None:
    """Raises Differs if a command failed, or printed something else than expected."""
    if done.returncode or (expected and not prints(expected, done.stdout)):
        raise Differs(
            f"line {command.line}: {command.text}\nexit code {done.returncode}, output:\n{done.stdout}\n"
            f"the page shows:\n{expected}"
        )


def newest_token(answer: Any) -> str:
    """The access token within an answer; empty if there is none."""
    if isinstance(answer, dict):
        return str(answer.get("accessToken") or "") or newest_token(list(answer.values()))
    if isinstance(answer, list):
        return next(filter(None, map(newest_token, answer)), "")
    return ""


def bare(command: str) -> str:
    """A command without its comment."""
    return command.split("  #")[0].strip()
