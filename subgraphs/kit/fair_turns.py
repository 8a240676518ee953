"""Turns at something slow: a few at once, a bounded queue before it, and fairness between those who wait."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from subgraphs.kit.errors import Unavailable

Waiting = asyncio.Future[None]


class Gone(Exception):
    """Whoever waited for a turn has gone."""


class FairTurns:
    """Gives turns to `at_once` callers. Others wait in a queue for each key, and the keys are served round robin.

    At most `most_waiting` callers wait, of them `most_of_a_key` for one key.
    """

    def __init__(self, at_once: int, most_waiting: int, most_of_a_key: int, retry_after: float) -> None:
        self._free = at_once
        self._most_waiting = most_waiting
        self._most_of_a_key = most_of_a_key
        self._retry_after = retry_after
        self._queues: dict[str, deque[Waiting]] = {}
        """The first key is the next one; no queue is empty."""

    @property
    def waiting(self) -> int:
        return sum(len(queue) for queue in self._queues.values())

    @asynccontextmanager
    async def turn(self, key: str, gone: Callable[[], Awaitable[None]] | None = None) -> AsyncIterator[None]:
        """A turn for the length of the block.

        Raises Unavailable at once, with `retryAfter`, when the queue is full, and Gone when `gone()` returns before
        the turn comes: the place in the queue is free again.
        """
        if self._free:
            self._free -= 1
        else:
            await self._wait(key, gone)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, key: str, gone: Callable[[], Awaitable[None]] | None) -> None:
        if self.waiting >= self._most_waiting or len(self._queues.get(key, ())) >= self._most_of_a_key:
            raise Unavailable("Too many are waiting for this. Try again a little later.", self._retry_after)
        mine: Waiting = asyncio.get_running_loop().create_future()
        self._queues.setdefault(key, deque()).append(mine)
        leaving = asyncio.ensure_future(gone()) if gone else None
        try:
            await asyncio.wait({mine, leaving} if leaving else {mine}, return_when=asyncio.FIRST_COMPLETED)
            if not mine.done():
                raise Gone
        except BaseException:
            self._leave(key, mine)
            raise
        finally:
            if leaving:
                leaving.cancel()
                with suppress(asyncio.CancelledError):
                    await leaving

    def _leave(self, key: str, mine: Waiting) -> None:
        if mine.done():  # the turn came at the same moment
            self._pass_on()
            return
        self._queues[key].remove(mine)
        if not self._queues[key]:
            del self._queues[key]

    def _pass_on(self) -> None:
        """Gives a turn that has ended to the next one."""
        if not self._queues:
            self._free += 1
            return
        key = next(iter(self._queues))
        queue = self._queues.pop(key)
        queue.popleft().set_result(None)
        if queue:
            self._queues[key] = queue  # at the end
