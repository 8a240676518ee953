"""What a seed decides: everything that a schedule leaves open is a choice, and has a name."""

from collections import Counter
from collections.abc import Mapping
from random import Random


class Choices:
    """Makes the choices of one schedule, at random by its seed or as they are given.

    The n-th choice of a kind has the name `kind#n`. A choice is a number, and 0 stands for what is ordinary: the task
    that has waited longest goes on, a call arrives at once, no process dies. `made` has those that are not 0.
    """

    def __init__(self, seed: int, given: Mapping[str, int] | None = None) -> None:
        self._random = Random(seed)
        self._given = given
        self._counts: Counter[str] = Counter()
        self.made: dict[str, int] = {}

    def pick(self, kind: str, count: int, chance: float | None = None) -> int:
        """A number below `count`, all equally likely; or, with this chance, one that is not 0."""
        name = f"{kind}#{self._counts[kind]}"
        self._counts[kind] += 1
        value = self._drawn(count, chance) if self._given is None else min(self._given.get(name, 0), count - 1)
        if value:
            self.made[name] = value
        return value

    def _drawn(self, count: int, chance: float | None) -> int:
        if chance is None:
            return self._random.randrange(count)
        return self._random.randrange(1, count) if self._random.random() < chance else 0
