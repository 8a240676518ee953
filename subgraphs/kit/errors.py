"""Errors that a client sees as GraphQL errors with a stable `extensions.code`.

An outcome that a correct client has to expect is not an error but a member of a result union.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self


class StoreError(Exception):
    """The base of all errors whose message a client may see. `details` become further `extensions`."""

    code = "INTERNAL"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code, **self.details}


class Unauthenticated(StoreError):
    """Nobody is signed in, or the access token is not valid."""

    code = "UNAUTHENTICATED"

    def __init__(self, message: str = "Sign in first: this needs a valid access token.") -> None:
        super().__init__(message)


class Forbidden(StoreError):
    """The signed-in user may not do or see this."""

    code = "FORBIDDEN"


class NotFound(StoreError):
    """There is no such thing, or the caller may not know of it."""

    code = "NOT_FOUND"


class BadField(NamedTuple):
    """An argument, or a field of an input, that is malformed or out of range, and why."""

    field: str
    message: str


class BadUserInput(StoreError):
    """Arguments are malformed or out of range: `fields` has the name and a message of each, `field` the first name."""

    code = "BAD_USER_INPUT"

    def __init__(self, field: str, message: str, *others: BadField) -> None:
        self.fields = [BadField(field, message), *others]
        super().__init__(message, field=field, fields=[one._asdict() for one in self.fields])

    @classmethod
    def of(cls, fields: Sequence[BadField]) -> Self:
        """The error for one field or more."""
        (field, message), *others = fields
        return cls(field, message, *others)


class InvalidState(StoreError):
    """The thing exists, but is not in a state that allows this."""

    code = "INVALID_STATE"


class IdempotencyConflict(StoreError):
    """The idempotency key was used before, for another request."""

    code = "IDEMPOTENCY_CONFLICT"

    def __init__(self) -> None:
        super().__init__("This idempotency key was used before, for another request.")


class LimitExceeded(StoreError):
    """A documented upper limit would be exceeded, such as the length of a list or a balance."""

    code = "LIMIT_EXCEEDED"


class RateLimited(StoreError):
    """Too many requests. `retryAfter` is the seconds to wait before the next one."""

    code = "RATE_LIMITED"

    def __init__(self, retry_after: float) -> None:
        super().__init__("Too many requests. Try again a little later.", retryAfter=retry_after)


class QueryTooComplex(StoreError):
    """The operation is deeper or larger than the subgraphs accept."""

    code = "QUERY_TOO_COMPLEX"


class Unavailable(StoreError):
    """Something that is needed does not answer, or has too much to do. The same request may be sent again.

    `retryAfter` is the seconds to wait before that, where they are known.
    """

    code = "UNAVAILABLE"

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message, **({} if retry_after is None else {"retryAfter": retry_after}))


CODES = sorted({StoreError.code, *(error.code for error in StoreError.__subclasses__())})
"""Every code that an error can have."""
