"""A small cache in memory: what was read lately is not read again for some seconds."""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class ShortCache(Generic[K, V]):
    """Values by key: each for at most `life` seconds, and at most `entries` of them. With a `life` of 0 it keeps none.

    What was loaded while something was dropped is not kept: it may be what was there before the change.
    """

    def __init__(self, life: float, entries: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._life = life
        self._most = entries
        self._clock = clock
        self._entries: dict[K, tuple[float, V]] = {}
        self._drops = 0

    def __len__(self) -> int:
        return len(self._entries)

    async def many(self, keys: Iterable[K], load: Callable[[list[K]], Awaitable[Mapping[K, V]]]) -> dict[K, V]:
        """The values of these keys. `load` reads those that are not here; a key that it does not find is left out."""
        now = self._clock()
        found: dict[K, V] = {}
        missing: dict[K, None] = {}
        for key in keys:
            entry = self._entries.get(key)
            if entry is not None and entry[0] > now:
                found[key] = entry[1]
            else:
                missing[key] = None
        if missing:
            drops = self._drops
            loaded = await load(list(missing))
            if self._drops == drops:
                self._keep(loaded, now + self._life)
            found.update(loaded)
        return found

    async def one(self, key: K, load: Callable[[], Awaitable[V]]) -> V:
        """The value of one key."""

        async def load_many(keys: list[K]) -> dict[K, V]:
            return {key: await load()}

        return (await self.many((key,), load_many))[key]

    def drop(self, key: K) -> None:
        """Forgets one value."""
        self._drops += 1
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Forgets all values."""
        self._drops += 1
        self._entries.clear()

    def _keep(self, loaded: Mapping[K, V], until: float) -> None:
        if self._life <= 0:
            return
        for key, value in loaded.items():
            self._entries.pop(key, None)  # a new entry goes to the end: the oldest are at the beginning
            self._entries[key] = until, value
        while len(self._entries) > self._most:
            del self._entries[next(iter(self._entries))]
