"""Errors that a client sees as a GraphQL error with a stable `extensions.code`.

An outcome that a correct client must expect is no error: it is a member of a result union.
"""

from typing import Any


class StoreError(Exception):
    """The base of all errors whose message may be shown to a client."""

    code = "INTERNAL"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code, **self.details}


class Unauthenticated(StoreError):
    """Nobody is signed in, or the access token is not valid (any more)."""

    code = "UNAUTHENTICATED"

    def __init__(self, message: str = "Sign in first: this needs a valid access token.") -> None:
        super().__init__(message)


class Forbidden(StoreError):
    """The signed-in user may not do or see this."""

    code = "FORBIDDEN"


class NotFound(StoreError):
    """There is no such thing, or it is not the caller's to know of."""

    code = "NOT_FOUND"


class BadUserInput(StoreError):
    """An argument is malformed or out of its range; `field` names it."""

    code = "BAD_USER_INPUT"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field=field)


class InvalidState(StoreError):
    """The thing exists, but is not in a state that allows this."""

    code = "INVALID_STATE"


class IdempotencyConflict(StoreError):
    """The idempotency key was used before, with another request."""

    code = "IDEMPOTENCY_CONFLICT"

    def __init__(self) -> None:
        super().__init__("This idempotency key was used before, with another request.")


class LimitExceeded(StoreError):
    """A documented upper limit (a list's length, a balance) would be passed."""

    code = "LIMIT_EXCEEDED"


class RateLimited(StoreError):
    """Too many requests; `retryAfter` says in how many seconds to come again."""

    code = "RATE_LIMITED"

    def __init__(self, retry_after: float) -> None:
        super().__init__("Too many requests. Try again a little later.", retryAfter=retry_after)


class QueryTooComplex(StoreError):
    """The operation is deeper or larger than the subgraphs accept."""

    code = "QUERY_TOO_COMPLEX"


class Unavailable(StoreError):
    """Something that is needed does not answer; the same request may be sent again."""

    code = "UNAVAILABLE"
