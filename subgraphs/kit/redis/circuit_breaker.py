"""A circuit breaker for Redis, for work that can do without it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from prometheus_client import Counter
from redis.exceptions import RedisError

from subgraphs.kit import telemetry, tracing

T = TypeVar("T")

BYPASSED = Counter("steampunk_redis_bypassed_total", "Calls that had to do without Redis.", ["use"])

DEADLINE_SECONDS = 0.25
OPEN_SECONDS = 1.0


class RedisUnavailable(Exception):
    """Redis did not answer in time: do without it."""


class CircuitBreaker:
    """Calls Redis with a deadline of half a second.

    A call that fails or is late raises RedisUnavailable. The circuit is then open for a second, in which every call
    raises RedisUnavailable at once.
    """

    def __init__(self, use: str) -> None:
        self._bypassed = BYPASSED.labels(use=use)
        self._use = use
        self._open_until = 0.0

    async def call(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer of `ask`. Raises RedisUnavailable."""
        if time.monotonic() < self._open_until:
            self._bypassed.inc()
            raise RedisUnavailable
        try:
            with tracing.span(f"redis {self._use}"):
                return await _in_time(ask)
        except (RedisError, OSError, TimeoutError) as error:
            self._open_until = time.monotonic() + OPEN_SECONDS
            self._bypassed.inc()
            telemetry.logger().warning("doing without redis", use=self._use, error=repr(error))
            raise RedisUnavailable from error


async def _in_time(ask: Callable[[], Awaitable[T]]) -> T:
    answer = asyncio.ensure_future(ask())
    try:
        # Wait twice: if this process was the one that was late, the answer has arrived by the second time.
        for _ in range(2):
            if (await asyncio.wait([answer], timeout=DEADLINE_SECONDS))[0]:
                return answer.result()
        raise TimeoutError
    finally:
        answer.cancel()
        answer.add_done_callback(_ignore)


def _ignore(answer: asyncio.Future[Any]) -> None:
    """Reads the error of an answer that nobody waits for any more: asyncio would log it otherwise."""
    if not answer.cancelled():
        answer.exception()
