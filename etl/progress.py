"""How a load reports its progress."""

from typing import Protocol


class Progress(Protocol):
    """Receives the progress of a load."""

    def note(self, text: str) -> None: ...

    def phase(self, name: str, total: int) -> None:
        """Begins a phase of `total` bytes."""
        ...

    def advance(self, done: int) -> None:
        """Adds `done` bytes to the phase."""
        ...


class NoProgress:
    """Reports nothing."""

    def note(self, text: str) -> None:
        pass

    def phase(self, name: str, total: int) -> None:
        pass

    def advance(self, done: int) -> None:
        pass
