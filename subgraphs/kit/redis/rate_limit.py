"""Rate limits per user, kept in Redis as token buckets.

A bucket gains `rate` tokens a second, up to `burst`, and each request takes one. A refused request takes none, so a
client that waits as long as it is told is let in.
"""

from redis.asyncio import Redis

from subgraphs.kit.redis.limiter import Limiter

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


class RateLimiter(Limiter):
    """A bucket for each key."""

    def __init__(self, redis: Redis, name: str, rate: float, burst: int) -> None:
        super().__init__(redis, "limit", name, TAKE_TOKENS, (rate, burst))
