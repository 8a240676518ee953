"""Judges an answer: what no request, however hostile, may get."""

from typing import Any

import msgspec

from tests.fuzz.operations import Operation

CODES = frozenset(
    [
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "NOT_FOUND",
        "BAD_USER_INPUT",
        "INVALID_STATE",
        "IDEMPOTENCY_CONFLICT",
        "LIMIT_EXCEEDED",
        "RATE_LIMITED",
        "QUERY_TOO_COMPLEX",
        "UNAVAILABLE",
    ]
)
"""Every code that a client may see, except INTERNAL."""
DECISIONS = frozenset({"NOT_FOUND", "INVALID_STATE", "IDEMPOTENCY_CONFLICT", "LIMIT_EXCEEDED"})
"""Codes of requests that are valid, and were refused for the state that they met."""


class Answer:
    """The answer to one operation: the status, and the body if it is JSON."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.text = body.decode(errors="replace")
        try:
            decoded = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            decoded = None
        self.body: dict[str, Any] = decoded if isinstance(decoded, dict) else {}
        self.data: dict[str, Any] = self.body.get("data") or {}
        self.errors: list[dict[str, Any]] = self.body.get("errors") or []

    @property
    def codes(self) -> set[str]:
        return {_code(error) for error in self.errors}

    @property
    def retry_after(self) -> float | None:
        """Seconds until the same request may be sent again; None if it need not be."""
        waits = [error["extensions"].get("retryAfter", 0.5) for error in self.errors if _code(error) == "UNAVAILABLE"]
        return max(waits, default=None)

    def complaint(self) -> str:
        """Why this is a defect of the store, or nothing."""
        if self.status >= 500:
            return f"status {self.status}"
        if not self.body:
            return f"status {self.status} without a GraphQL body"
        wrong = self.codes - CODES
        return f"code {', '.join(sorted(wrong))}" if wrong else ""

    def outcomes(self, operation: Operation) -> dict[str, str]:
        """What each field at the top came to: a union's member, `data`, or the code of its error."""
        found = {}
        for alias in operation.roots:
            value = self.data.get(alias)
            own = [_code(error) for error in self.errors if (error.get("path") or [alias])[0] == alias]
            named = value.get("__typename") if isinstance(value, dict) else None
            found[alias] = str(own[0]) if value is None and own else (named or "data")
        return found

    def is_past_validation(self, operation: Operation) -> bool:
        """Whether a field at the top was answered by what the store knows, not by the form of the request."""
        refused = CODES - DECISIONS
        return any(outcome not in refused for outcome in self.outcomes(operation).values())


def _code(error: dict[str, Any]) -> str:
    return str((error.get("extensions") or {}).get("code", "none"))
