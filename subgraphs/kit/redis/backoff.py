"""Back-off per key, kept in Redis: after some failures each further attempt has to wait longer.

An attempt counts as a failure until it is reported as a success, so that attempts at the same moment count, too. A
refused attempt counts for nothing.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis

from subgraphs.kit.batching import Batcher
from subgraphs.kit.errors import RateLimited
from subgraphs.kit.redis.circuit_breaker import CircuitBreaker, RedisUnavailable
from subgraphs.kit.redis.rate_limit import BATCH, REFUSED

FORGET_SECONDS = 3600

# All keys of a back-off are in one slot of a cluster, so that one call serves a batch.
COUNT_ATTEMPTS = """
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local free, pause, longest, forget = tonumber(ARGV[1]), ARGV[2] * 1000, ARGV[3] * 1000, ARGV[4] * 1000
local waits = {}
for index, key in ipairs(KEYS) do
  local failures, until_then = string.match(redis.call('GET', key) or '0 0', '^(%S+) (%S+)$')
  waits[index] = math.max(0, math.ceil(until_then - now))
  if waits[index] == 0 then
    failures = failures + 1
    local until_next = 0
    if failures >= free then until_next = now + math.min(longest, pause * 2 ^ (failures - free)) end
    redis.call('SET', key, string.format('%.0f %.0f', failures, until_next), 'PX', forget)
  end
end
return waits
"""


class Backoff:
    """Lets `free` attempts pass, then one after `pause` seconds, after twice as long and so on, up to `longest`.

    Failures are forgotten an hour after the last one. While Redis is unavailable, every attempt passes.
    """

    def __init__(self, redis: Redis, name: str, free: int, pause: float, longest: float) -> None:
        self._redis = redis
        self._script = redis.register_script(COUNT_ATTEMPTS)
        self._circuit = CircuitBreaker(f"back-off {name}")
        self._prefix = f"steampunk:backoff:{{{name}}}:"
        self._arguments: tuple[Any, ...] = (free, pause, longest, FORGET_SECONDS)
        self._refused = REFUSED.labels(limit=name)
        self._waits: Batcher[str, int] = Batcher(f"back-off {name}", self._count, BATCH)

    async def attempt(self, key: str) -> None:
        """Counts an attempt. Raises RateLimited when it comes too early."""
        wait = await self._waits(key)
        if wait:
            self._refused.inc()
            raise RateLimited(retry_after=wait / 1000)

    async def succeeded(self, key: str) -> None:
        """Forgets the failures of a key."""
        with suppress(RedisUnavailable):
            await self._circuit.call(lambda: self._redis.delete(self._prefix + key))

    async def _count(self, keys: list[str]) -> Sequence[int]:
        """Milliseconds that each attempt has to wait."""
        prefixed = [self._prefix + key for key in keys]
        try:
            waits: list[int] = await self._circuit.call(lambda: self._script(prefixed, self._arguments))
        except RedisUnavailable:
            return [0] * len(keys)
        return waits
