"""What a scenario is: a name, and how to prepare its requests and judge the end state."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from perf.load import Call
from perf.world import World


async def _nothing_to_check() -> list[str]:
    return []


@dataclass(frozen=True)
class Load:
    """The requests of one run, whose data is in place."""

    calls: Sequence[Call]
    faults: Callable[[], Awaitable[list[str]]] = _nothing_to_check
    """What is wrong with the end state, a sentence each."""


@dataclass(frozen=True)
class Scenario:
    """An operation under load."""

    name: str
    prepare: Callable[[World, int], Awaitable[Load]]
    """Puts the data of so many requests in."""
    requests: int = 4000
    concurrency: Sequence[int] = (1, 8)
    warm_up: int = 400
    """Requests of a first run that is not measured."""
    rate: float = 0
    """Requests a second of a scenario that always runs as an open loop; else 0."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Kinds of answers that have a row of their own, by the row's name."""
