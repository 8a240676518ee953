"""Rate limits per user, kept in Redis as token buckets.

A bucket gains `rate` tokens a second, up to `burst`, and each request takes one. A refused request takes none, so a
client that waits as long as it is told is let in.
"""

from collections.abc import Sequence
from typing import Any

from prometheus_client import Counter
from redis.asyncio import Redis

from subgraphs.kit.batching import Batcher
from subgraphs.kit.errors import RateLimited
from subgraphs.kit.redis.circuit_breaker import CircuitBreaker, RedisUnavailable

REFUSED = Counter("steampunk_rate_limited_total", "Requests refused by a rate limit.", ["limit"])
BATCH = 200

# All keys of a limit are in one slot of a cluster, so that one call serves a batch of users.
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


class RateLimiter:
    """One limit, counted for each user. While Redis is unavailable, everyone is let in."""

    def __init__(self, redis: Redis, name: str, rate: float, burst: int) -> None:
        self._script = redis.register_script(TAKE_TOKENS)
        self._circuit = CircuitBreaker(f"limit {name}")
        self._prefix = f"steampunk:limit:{{{name}}}:"
        self._bucket: tuple[Any, ...] = (rate, burst)
        self._refused = REFUSED.labels(limit=name)
        self._waits: Batcher[str, int] = Batcher(f"limit {name}", self._take, BATCH)

    async def take(self, user_id: str) -> None:
        """Takes a token of the user's bucket. Raises RateLimited when it has none."""
        wait = await self._waits(user_id)
        if wait:
            self._refused.inc()
            raise RateLimited(retry_after=wait / 1000)

    async def _take(self, users: list[str]) -> Sequence[int]:
        """Milliseconds that each user has to wait."""
        keys = [self._prefix + user_id for user_id in users]
        try:
            waits: list[int] = await self._circuit.call(lambda: self._script(keys, self._bucket))
        except RedisUnavailable:
            return [0] * len(users)
        return waits
