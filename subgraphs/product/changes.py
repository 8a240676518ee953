"""Tells this process and the others what has changed in the catalogue."""

from contextlib import suppress
from typing import Protocol

from redis.asyncio import Redis

from subgraphs.kit.redis.broadcast import listen
from subgraphs.kit.redis.circuit_breaker import CircuitBreaker, RedisUnavailable
from subgraphs.kit.runtime import Runtime

CHANNEL = "steampunk:catalogue:changes"
"""Carries the ids of products that were published or changed, with commas between them."""


class Memory(Protocol):
    """Something that remembers parts of the catalogue."""

    def changed(self, *product_ids: int) -> None: ...

    def clear(self) -> None: ...


class Changes:
    """Makes the memory of every process forget what was changed in one of them."""

    def __init__(self, runtime: Runtime, memory: Memory) -> None:
        self._redis = runtime.redis
        self._redis_url = runtime.settings.redis_url
        self._memory = memory
        self._circuit = CircuitBreaker("catalogue changes")

    async def tell(self, *product_ids: int) -> None:
        """Call it after the commit."""
        self._memory.changed(*product_ids)
        ids = ",".join(map(str, product_ids))
        with suppress(RedisUnavailable):  # then others see it when what they remember has had its time
            await self._circuit.call(lambda: self._redis.publish(CHANNEL, ids))

    async def follow(self) -> None:
        """Forgets what other processes change, until the connection to Redis fails. Raises what `listen` raises."""

        async def begin(redis: Redis) -> None:
            self._memory.clear()

        await listen(self._redis_url, CHANNEL, begin, lambda ids: self._memory.changed(*map(int, ids.split(","))))
