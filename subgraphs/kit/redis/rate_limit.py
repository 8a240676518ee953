"""Limits per user, kept in Redis; and Redis where it may be gone: asked with a deadline, and left alone after.

The bucket of a limit fills with `rate` tokens a second up to `burst`, and each request takes one. A request that
is refused takes nothing: who waits as long as told is let in.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from prometheus_client import Counter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from subgraphs.kit import telemetry
from subgraphs.kit.batching import Batcher
from subgraphs.kit.errors import RateLimited

T = TypeVar("T")

REFUSED = Counter("steampunk_rate_limited_total", "Requests refused by a rate limit.", ["limit"])
BYPASSED = Counter("steampunk_redis_bypassed_total", "Times that work was done without Redis.", ["use"])

DEADLINE_SECONDS = 0.25
PAUSE_SECONDS = 1.0
BATCH = 200

# All keys of a limit lie in one slot of a cluster, so that one call serves a batch of users.
TAKE_TOKENS = """
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local rate, burst = ARGV[1] / 1000, tonumber(ARGV[2])
local waits = {}
for index, key in ipairs(KEYS) do
  local tokens = burst
  local kept, at = string.match(redis.call('GET', key) or '', '^(%S+) (%S+)$')
  if kept then tokens = math.min(burst, kept + math.max(0, now - at) * rate) end
  if tokens >= 1 then
    waits[index] = 0
    local full = math.ceil((burst - tokens + 1) / rate)
    redis.call('SET', key, string.format('%.6f %.3f', tokens - 1, now), 'PX', full)
  else
    waits[index] = math.ceil((1 - tokens) / rate)
  end
end
return waits
"""


class RedisUnavailable(Exception):
    """Redis did not answer in time: do without."""


class CircuitBreaker:
    """Asks Redis where the store must go on without it.

    A call that fails or takes half a second raises RedisUnavailable, and so does every call in the next second.
    """

    def __init__(self, use: str) -> None:
        self._bypassed = BYPASSED.labels(use=use)
        self._use = use
        self._gone_until = 0.0

    async def call(self, ask: Callable[[], Awaitable[T]]) -> T:
        if time.monotonic() < self._gone_until:
            self._bypassed.inc()
            raise RedisUnavailable
        try:
            return await _in_time(ask)
        except (RedisError, OSError, TimeoutError) as error:
            self._gone_until = time.monotonic() + PAUSE_SECONDS
            self._bypassed.inc()
            telemetry.logger().warning("doing without redis", use=self._use, error=repr(error))
            raise RedisUnavailable from error


async def _in_time(ask: Callable[[], Awaitable[T]]) -> T:
    answer = asyncio.ensure_future(ask())
    try:
        # Twice: when it was this process that was late, the answer lies there unread after the first time.
        for _ in range(2):
            if (await asyncio.wait([answer], timeout=DEADLINE_SECONDS))[0]:
                return answer.result()
        raise TimeoutError
    finally:
        answer.cancel()


class RateLimiter:
    """One limit, for each user apart. With Redis gone everybody is let in, and counted."""

    def __init__(self, redis: Redis, name: str, rate: float, burst: int) -> None:
        self._script = redis.register_script(TAKE_TOKENS)
        self._shield = CircuitBreaker(f"limit {name}")
        self._prefix = f"steampunk:limit:{{{name}}}:"
        self._bucket: tuple[Any, ...] = (rate, burst)
        self._refused = REFUSED.labels(limit=name)
        self._waits: Batcher[str, int] = Batcher(f"limit {name}", self._take, BATCH)

    async def take(self, user_id: str) -> None:
        """Raises RateLimited when the user has asked too often."""
        wait = await self._waits(user_id)
        if wait:
            self._refused.inc()
            raise RateLimited(retry_after=wait / 1000)

    async def _take(self, users: list[str]) -> Sequence[int]:
        keys = [self._prefix + user_id for user_id in users]
        try:
            waits: list[int] = await self._shield.call(lambda: self._script(keys, self._bucket))
        except RedisUnavailable:
            return [0] * len(users)
        return waits
