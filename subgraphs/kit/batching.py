"""Batch while busy: a lone request runs at once; those that arrive while it runs go together after it.

There are no timers. A single user sees the least latency, and under load the cost per user falls.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from subgraphs.kit import telemetry, tracing
from subgraphs.kit.errors import StoreError

T = TypeVar("T")
R = TypeVar("R")
_Member = tuple[T, asyncio.Future[R], str]
"""An item, its answer, and the trace of whoever waits for it."""


class Batcher(Generic[T, R]):
    """Runs `run` on lists of at most `size` items, one list at a time, in order of arrival.

    `run` returns one answer for each item, in order: a result, or the exception to raise for that item. When `run`
    itself raises, each item is tried again alone, so that only the poisoned one fails.
    """

    def __init__(self, name: str, run: Callable[[list[T]], Awaitable[Sequence[R | Exception]]], size: int) -> None:
        self._name = name
        self._run = run
        self._size = size
        self._waiting: deque[_Member[T, R]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._batches = telemetry.BATCHES.labels(batch=name)
        self._members = telemetry.BATCH_MEMBERS.labels(batch=name)

    async def __call__(self, item: T) -> R:
        """The result for one item, once its batch has run."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future, tracing.current()))
        if self._worker is None:
            # In a fresh context, so that logs and calls to peers do not carry the first caller's request id.
            self._worker = asyncio.create_task(self._work(), context=telemetry.batch_context(self._name))
        return await future

    async def _work(self) -> None:
        try:
            while self._waiting:
                count = min(self._size, len(self._waiting))
                await self._run_batch([self._waiting.popleft() for _ in range(count)])
        finally:
            self._worker = None

    async def _run_batch(self, batch: list[_Member[T, R]]) -> None:
        batch = [member for member in batch if not member[1].done()]  # else its caller has gone
        if not batch:
            return
        self._batches.inc()
        self._members.inc(len(batch))
        try:
            with tracing.span(f"batch {self._name}", *[trace for _, _, trace in batch]):
                results = await self._run([item for item, _, _ in batch])
            _answer(batch, results)
        except Exception as error:
            if len(batch) == 1 or isinstance(error, StoreError):
                _answer(batch, [error] * len(batch))
            else:
                for member in batch:
                    await self._run_batch([member])


def _answer(batch: list[_Member[T, R]], results: Sequence[R | Exception]) -> None:
    for (_, future, _), result in zip(batch, results, strict=True):
        if future.done():
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
