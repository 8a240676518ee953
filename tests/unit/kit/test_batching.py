"""Batch while busy: who waits, who goes together, and who fails alone."""

import asyncio

import pytest

from subgraphs.kit import telemetry
from subgraphs.kit.batching import Batcher
from subgraphs.kit.errors import Unavailable


async def test_the_first_goes_alone_and_those_that_come_meanwhile_go_together() -> None:
    batches: list[list[int]] = []

    async def run(items: list[int]) -> list[int]:
        batches.append(items)
        await asyncio.sleep(0.01)
        return [item * 2 for item in items]

    batcher: Batcher[int, int] = Batcher("test", run, size=4)
    answers = await asyncio.gather(*[batcher(number) for number in range(10)])
    assert answers == [number * 2 for number in range(10)]
    assert [len(batch) for batch in batches] == [4, 4, 2], "all ten arrived before the first batch was begun"
    first = asyncio.create_task(batcher(10))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    rest = [asyncio.create_task(batcher(number)) for number in (11, 12)]
    await asyncio.gather(first, *rest)
    assert batches[3:] == [[10], [11, 12]]


async def test_a_poisoned_member_fails_alone() -> None:
    async def run(items: list[int]) -> list[int]:
        if 3 in items:
            raise ValueError("poison")
        return items

    batcher: Batcher[int, int] = Batcher("test", run, size=10)
    answers = await asyncio.gather(*[batcher(number) for number in range(5)], return_exceptions=True)
    assert answers[:3] == [0, 1, 2]
    assert isinstance(answers[3], ValueError)
    assert answers[4] == 4


async def test_a_member_may_have_an_error_of_its_own() -> None:
    async def run(items: list[int]) -> list[int | Exception]:
        return [ValueError("odd") if item % 2 else item for item in items]

    batcher: Batcher[int, int] = Batcher("test", run, size=10)
    answers = await asyncio.gather(*[batcher(number) for number in range(3)], return_exceptions=True)
    assert (answers[0], answers[2]) == (0, 2)
    assert isinstance(answers[1], ValueError)


async def test_when_a_peer_is_gone_nobody_is_tried_alone() -> None:
    calls = 0

    async def run(items: list[int]) -> list[int]:
        nonlocal calls
        calls += 1
        raise Unavailable("gone")

    batcher: Batcher[int, int] = Batcher("test", run, size=10)
    answers = await asyncio.gather(*[batcher(number) for number in range(5)], return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    assert calls == 1


async def test_who_has_gone_before_the_batch_is_left_out() -> None:
    seen: list[int] = []

    async def run(items: list[int]) -> list[int]:
        seen.extend(items)
        await asyncio.sleep(0.01)
        return items

    batcher: Batcher[int, int] = Batcher("test", run, size=1)
    first, second = asyncio.create_task(batcher(1)), asyncio.create_task(batcher(2))
    await asyncio.sleep(0)
    second.cancel()
    assert await first == 1
    with pytest.raises(asyncio.CancelledError):
        await second
    assert await batcher(3) == 3
    assert seen == [1, 3]


async def test_a_batch_carries_no_callers_request_id() -> None:
    seen: list[str] = []

    async def run(items: list[int]) -> list[int]:
        seen.append(telemetry.request_id())
        return items

    batcher: Batcher[int, int] = Batcher("test", run, size=10)
    telemetry.begin_request("the first caller's")
    await batcher(1)
    assert seen == [""]
    assert telemetry.request_id() == "the first caller's"
