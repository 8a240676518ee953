"""What the limits in Redis have in common: a script that counts by key, and says how long each key has to wait."""

from collections.abc import Sequence
from typing import Any

from prometheus_client import Counter
from redis.asyncio import Redis

from subgraphs.kit.batching import Batcher
from subgraphs.kit.errors import RateLimited
from subgraphs.kit.redis.circuit_breaker import CircuitBreaker, RedisUnavailable

REFUSED = Counter("steampunk_rate_limited_total", "Requests refused by a rate limit.", ["limit"])
BATCH = 200


class Limiter:
    """A limit by key. While Redis is unavailable, everyone is let in.

    `script` takes the keys of a batch, which are all in one slot of a cluster, and `arguments`. It answers for each
    key the milliseconds to wait, 0 for a request that is let in and counted.
    """

    def __init__(self, redis: Redis, kind: str, name: str, script: str, arguments: tuple[Any, ...]) -> None:
        self._redis = redis
        self._script = redis.register_script(script)
        self._arguments = arguments
        self._circuit = CircuitBreaker(f"{kind} {name}")
        self._prefix = f"steampunk:{kind}:{{{name}}}:"
        self._refused = REFUSED.labels(limit=name)
        self._waits: Batcher[str, int] = Batcher(f"{kind} {name}", self._count, BATCH)

    async def take(self, key: str) -> None:
        """Counts a request. Raises RateLimited when it comes too early."""
        wait = await self._waits(key)
        if wait:
            self._refused.inc()
            raise RateLimited(retry_after=wait / 1000)

    async def _count(self, keys: list[str]) -> Sequence[int]:
        prefixed = [self._prefix + key for key in keys]
        try:
            waits: list[int] = await self._circuit.call(lambda: self._script(prefixed, self._arguments))
        except RedisUnavailable:
            return [0] * len(keys)
        return waits
