"""Who is told how far a load is."""

from typing import Protocol


class Progress(Protocol):
    """Who wants to know how far a load is."""

    def note(self, text: str) -> None: ...

    def phase(self, name: str, total: int) -> None:
        """A phase begins that has `total` bytes to go through."""
        ...

    def advance(self, done: int) -> None: ...


class Silence:
    """Nobody does."""

    def note(self, text: str) -> None:
        pass

    def phase(self, name: str, total: int) -> None:
        pass

    def advance(self, done: int) -> None:
        pass
