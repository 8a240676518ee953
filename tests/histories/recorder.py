"""Records what clients ask and are answered, and when."""

import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from graphql import FieldNode, OperationDefinitionNode, VariableNode, parse, value_from_ast_untyped

from tests.clients import Account, Client

LOST = ("UNAVAILABLE", "INTERNAL", "")
"""Error codes that do not tell whether anything has happened."""


@dataclass
class Attempt:
    """One request of one client. Times are in nanoseconds."""

    client: Account | None
    field: str
    """The operation's root field, such as `pay`."""
    arguments: dict[str, Any]
    call: int
    end: int | None = None
    """When the answer came; None for a request without an answer."""
    code: str = ""
    """The code of the first error."""
    answer: Any = None
    """What the root field was answered."""

    def answered(self, response: dict[str, Any] | None, key: str) -> None:
        """The response has come; `key` is the root field's in its data."""
        self.end, response = time.monotonic_ns(), response or {}
        if errors := response.get("errors"):
            self.code = errors[0].get("extensions", {}).get("code", "")
        else:
            self.answer = (response.get("data") or {}).get(key)

    @property
    def user(self) -> str:
        return self.client.id if self.client else ""

    @property
    def is_known(self) -> bool:
        """Whether the client knows what has happened."""
        return self.end is not None and (self.answer is not None or self.code not in LOST)

    @property
    def may_have_happened(self) -> bool:
        """Whether it may have taken effect: it was answered without an error, or nobody knows its outcome."""
        return self.answer is not None or not self.is_known

    @property
    def kind(self) -> str:
        """The type of the answer, or the code of the error; empty while the outcome is not known."""
        if not self.is_known:
            return ""
        return str(self.answer.get("__typename", "Answer")) if isinstance(self.answer, dict) else self.code


@dataclass
class Recording:
    """A history as it was recorded, in the order of the calls."""

    attempts: list[Attempt] = field(default_factory=list)

    def begin(self, client: Account | None, query: str, variables: dict[str, Any]) -> Attempt:
        name, _, arguments = _root(query)
        values = {
            argument: variables.get(value[1:]) if is_variable else value for argument, is_variable, value in arguments
        }
        attempt = Attempt(client, name, values, time.monotonic_ns())
        self.attempts.append(attempt)
        return attempt


class RecordingClient(Client):
    """A client whose requests are recorded."""

    def __init__(self, client: Client, recording: Recording) -> None:
        super().__init__(client.http, client.url, {})
        self._recording = recording

    async def run(
        self, query: str, variables: dict[str, Any] | None = None, viewer: Account | None = None, **headers: str
    ) -> dict[str, Any]:
        attempt = self._recording.begin(viewer, query, variables or {})
        answer = await super().run(query, variables, viewer, **headers)
        attempt.answered(answer, _root(query)[1])
        return answer


@cache
def _root(query: str) -> tuple[str, str, tuple[tuple[str, bool, Any], ...]]:
    """The first root field of a document, its key in the answer, and its arguments: name, whether variable, value."""
    [operation] = [node for node in parse(query).definitions if isinstance(node, OperationDefinitionNode)]
    root = operation.selection_set.selections[0]
    assert isinstance(root, FieldNode)
    arguments = tuple(
        (one.name.value, True, f"${one.value.name.value}")
        if isinstance(one.value, VariableNode)
        else (one.name.value, False, value_from_ast_untyped(one.value))
        for one in root.arguments or ()
    )
    return root.name.value, (root.alias or root.name).value, arguments
