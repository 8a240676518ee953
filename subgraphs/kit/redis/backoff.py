"""Back-off per key, kept in Redis: after some failures each further attempt has to wait longer.

An attempt counts as a failure until it is reported as a success, so that attempts at the same moment count, too. A
refused attempt does not count.
"""

from contextlib import suppress

from redis.asyncio import Redis

from subgraphs.kit.redis.circuit_breaker import RedisUnavailable
from subgraphs.kit.redis.limiter import Limiter

FORGET_SECONDS = 3600

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


class Backoff(Limiter):
    """Lets `free` attempts pass, then one after `pause` seconds, after twice as long and so on, up to `longest`.

    Failures are forgotten an hour after the last one.
    """

    def __init__(self, redis: Redis, name: str, free: int, pause: float, longest: float) -> None:
        super().__init__(redis, "backoff", name, COUNT_ATTEMPTS, (free, pause, longest, FORGET_SECONDS))

    async def succeeded(self, key: str) -> None:
        """Forgets the failures of a key."""
        with suppress(RedisUnavailable):
            await self._circuit.call(lambda: self._redis.delete(self._prefix + key))
