"""What the short cache remembers, for how long, and what it forgets."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.short_cache import ShortCache


@dataclass
class Source:
    """What is read: each key's version, and which keys were read."""

    versions: dict[str, int] = field(default_factory=lambda: dict.fromkeys("abc", 1))
    read: list[str] = field(default_factory=list)

    async def load(self, keys: list[str]) -> Mapping[str, int]:
        self.read += keys
        return {key: self.versions[key] for key in keys if key in self.versions}


@dataclass
class Clock:
    time: float = 100.0

    def __call__(self) -> float:
        return self.time


async def test_only_what_is_missing_is_loaded_and_each_key_once() -> None:
    source, cache = Source(), ShortCache[str, int](5, 10)
    assert await cache.many("ab", source.load) == {"a": 1, "b": 1}
    assert await cache.many("cacb", source.load) == {"a": 1, "b": 1, "c": 1}
    assert source.read == ["a", "b", "c"]


async def test_what_does_not_exist_is_asked_for_again() -> None:
    source, cache = Source(), ShortCache[str, int](5, 10)
    assert await cache.many("x", source.load) == {}
    source.versions["x"] = 1
    assert await cache.many("x", source.load) == {"x": 1}


async def test_a_value_is_forgotten_when_its_life_is_over() -> None:
    source, clock = Source(), Clock()
    cache = ShortCache[str, int](5, 10, clock)
    await cache.many("a", source.load)
    source.versions["a"] = 2
    clock.time += 4.9
    assert await cache.many("a", source.load) == {"a": 1}
    clock.time += 0.2
    assert await cache.many("a", source.load) == {"a": 2}


async def test_a_life_begins_before_the_load() -> None:
    source, clock = Source(), Clock()
    cache = ShortCache[str, int](5, 10, clock)

    async def slowly(keys: list[str]) -> Mapping[str, int]:
        clock.time += 4
        return await source.load(keys)

    await cache.many("a", slowly)
    clock.time += 1
    await cache.many("a", source.load)
    assert source.read == ["a", "a"]


async def test_with_a_life_of_0_everything_is_loaded() -> None:
    source, cache = Source(), ShortCache[str, int](0, 10)
    await cache.many("a", source.load)
    await cache.many("a", source.load)
    assert source.read == ["a", "a"]
    assert len(cache) == 0


async def test_a_dropped_value_is_loaded_again_and_the_others_are_not() -> None:
    source, cache = Source(), ShortCache[str, int](5, 10)
    await cache.many("abc", source.load)
    cache.drop("b")
    await cache.many("abc", source.load)
    assert source.read == ["a", "b", "c", "b"]
    cache.clear()
    await cache.many("abc", source.load)
    assert source.read[4:] == ["a", "b", "c"]


async def test_what_was_loaded_while_something_changed_is_not_kept() -> None:
    source, cache = Source(), ShortCache[str, int](5, 10)
    reading, changed = asyncio.Event(), asyncio.Event()

    async def late(keys: list[str]) -> Mapping[str, int]:
        found = await source.load(keys)
        reading.set()
        await changed.wait()
        return found

    early = asyncio.create_task(cache.many("a", late))
    await reading.wait()
    source.versions["a"] = 2
    cache.drop("a")
    changed.set()
    assert await early == {"a": 1}
    assert await cache.many("a", source.load) == {"a": 2}


async def test_one_value() -> None:
    cache = ShortCache[str, int](5, 10)

    async def load() -> int:
        return next(numbers)

    numbers = iter([1, 2])
    assert [await cache.one("a", load) for _ in range(3)] == [1, 1, 1]
    assert await cache.one("b", load) == 2


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(1, 5))
def test_it_never_holds_more_than_its_entries_and_the_newest_stay(keys: list[int], entries: int) -> None:
    async def load(missing: list[int]) -> Mapping[int, int]:
        return {key: key for key in missing}

    async def read() -> None:
        cache = ShortCache[int, int](5, entries)
        for key in keys:
            assert await cache.many([key], load) == {key: key}
            assert len(cache) <= entries
            assert await cache.many([key], _nothing) == {key: key}

    async def _nothing(missing: list[int]) -> Mapping[int, int]:
        raise AssertionError(missing)

    asyncio.run(read())
