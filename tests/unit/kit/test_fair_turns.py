"""Turns at something slow: who is served when, who is refused, and what those who leave give back."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from subgraphs.kit.errors import Unavailable
from subgraphs.kit.fair_turns import FairTurns, Gone


class Room:
    """Callers of turns, each of which is held until the test ends it."""

    def __init__(self, at_once: int = 1, most_waiting: int = 100, most_of_a_key: int = 100) -> None:
        self.turns = FairTurns(at_once, most_waiting, most_of_a_key, retry_after=2.0)
        self.served: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []
        self._end = asyncio.Event()

    async def enter(self, *keys: str, gone: Callable[[], Awaitable[None]] | None = None) -> None:
        for key in keys:
            self.tasks.append(asyncio.create_task(self._caller(key, gone)))
            await settle()

    async def end(self) -> None:
        self._end.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _caller(self, key: str, gone: Callable[[], Awaitable[None]] | None) -> None:
        async with self.turns.turn(key, gone):
            self.served.append(key)
            await self._end.wait()


async def settle() -> None:
    """Lets every task go as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_keys_are_served_round_robin_however_many_wait_for_one() -> None:
    room = Room()
    await room.enter("running", *["guessed"] * 50, "honest", "other")
    await room.end()
    assert room.served[:5] == ["running", "guessed", "honest", "other", "guessed"]
    assert room.served.count("guessed") == 50


async def test_no_more_than_the_given_number_are_served_at_once() -> None:
    room = Room(at_once=2)
    await room.enter("a", "b", "c")
    assert room.served == ["a", "b"]
    assert room.turns.waiting == 1
    await room.end()


@pytest.mark.parametrize(("keys", "limit"), [("aaa", {"most_of_a_key": 2}), ("abc", {"most_waiting": 2})])
async def test_a_full_queue_refuses_at_once_and_takes_callers_again_later(keys: str, limit: dict[str, int]) -> None:
    room = Room(**limit)
    await room.enter("running", *keys)
    with pytest.raises(Unavailable) as refused:
        room.tasks[-1].result()
    assert refused.value.extensions == {"code": "UNAVAILABLE", "retryAfter": 2.0}
    assert room.turns.waiting == 2
    await room.end()
    await room.enter(keys[-1])
    assert room.served[-1] == keys[-1]


async def test_one_who_has_gone_gives_the_place_back_without_being_served() -> None:
    room, left = Room(), asyncio.Event()

    async def gone() -> None:
        await left.wait()

    await room.enter("running")
    await room.enter("gone", gone=gone)
    await room.enter("stays")
    left.set()
    await settle()
    assert isinstance(room.tasks[1].exception(), Gone)
    assert room.turns.waiting == 1
    await room.end()
    assert room.served == ["running", "stays"]


async def test_a_cancelled_caller_gives_back_its_place_and_its_turn() -> None:
    room = Room()
    await room.enter("running", "waiting", "last")
    room.tasks[1].cancel()
    await settle()
    assert room.turns.waiting == 1
    room.tasks[0].cancel()  # its turn passes to the last one, which is cancelled before it takes it
    await asyncio.sleep(0)
    room.tasks[2].cancel()
    await settle()
    assert room.turns.waiting == 0
    await room.enter("new")
    assert room.served[-1] == "new"
    await room.end()
