"""Shrinking: a failure needs few of the choices that its schedule has made."""

import time

from tests.simulate.schedule import Outcome
from tests.simulate.search import Simulator


def shrunk(simulator: Simulator, seed: int, failing: Outcome, seconds: float) -> Outcome:
    """A schedule with the same first failure and fewer choices, as few as are found in the time.

    Leaves out half of the choices, then the other half, then quarters, and so on: what is left out is ordinary then.
    """
    until, best = time.monotonic() + seconds, failing
    size = len(best.made) // 2
    while size and time.monotonic() < until:
        start = 0
        while start < len(best.made) and time.monotonic() < until:
            names = list(best.made)
            rest = {name: best.made[name] for name in names[:start] + names[start + size :]}
            tried = simulator.run(seed, rest)
            if _kind(tried) == _kind(failing) and len(tried.made) < len(best.made):
                best = tried
            else:
                start += size
        size //= 2
    return best


def _kind(outcome: Outcome) -> str:
    """What a failure is about: its invariant, or its error."""
    return outcome.failures[0].partition(":")[0].partition("(")[0] if outcome.failures else ""
