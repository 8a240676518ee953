"""Checks an input as a whole: whoever sends it learns at once of everything that is wrong with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TypeVar

from subgraphs.kit.errors import BadField, BadUserInput

T = TypeVar("T")


class InputCheck:
    """Collects the bad fields of an input. The end of the `with` block raises BadUserInput if there are any."""

    def __init__(self) -> None:
        self._bad: list[BadField] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None and self._bad:
            raise BadUserInput.of(self._bad)

    def value(self, check: Callable[[T], T], given: T) -> T:
        """The value as `check` returns it. If that raises BadUserInput, the value is what was given, and not used."""
        with self.part():
            return check(given)
        return given

    def require(self, holds: bool, field: str, message: str) -> None:
        """Calls a field bad unless the condition holds."""
        if not holds:
            self._bad.append(BadField(field, message))

    @contextmanager
    def part(self) -> Iterator[None]:
        """Adds the bad fields that the block raises to those of the whole check, which goes on after the block."""
        try:
            yield
        except BadUserInput as error:
            self._bad += error.fields
