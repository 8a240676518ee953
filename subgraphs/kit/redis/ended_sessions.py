"""Sessions that have ended while their access tokens had not expired.

Redis keeps them in a sorted set and publishes each. Every process holds a copy in memory, so that a token is checked
without a look-up elsewhere.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import cast

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from subgraphs.kit import telemetry
from subgraphs.kit.redis.broadcast import RECONNECT_SECONDS, listen

KEY = "steampunk:ended-sessions"
"""Session ids, each with the time (Unix) after which none of its tokens is valid."""
CHANNEL = f"{KEY}:news"
FIRST_LOAD_SECONDS = 2.0


async def announce(redis: Redis, ended: Mapping[str, float]) -> None:
    """Tells every process which sessions have ended, and keeps them until the given times. Raises RedisError."""
    async with redis.pipeline(transaction=True) as pipe:
        pipe.zadd(KEY, dict(ended))
        pipe.zremrangebyscore(KEY, "-inf", time.time())
        pipe.publish(CHANNEL, msgspec.json.encode(ended))
        await pipe.execute()


class EndedSessions:
    """A process's copy: `session_id in ended_sessions`.

    Without Redis it keeps what it knows, and learns nothing new.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._until: dict[str, float] = {}
        self._loaded = asyncio.Event()

    def __contains__(self, session_id: object) -> bool:
        return session_id in self._until

    async def loaded(self) -> None:
        """Waits for the first copy, but not for a Redis that does not answer."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._loaded.wait(), FIRST_LOAD_SECONDS)

    async def follow(self) -> None:
        """Keeps the copy complete for as long as the process lives."""
        while True:
            try:
                await listen(self._redis_url, CHANNEL, self._load, self._add)
            except (RedisError, OSError, TimeoutError, msgspec.MsgspecError) as error:
                telemetry.logger().warning("ended sessions are not followed", error=repr(error))
            await asyncio.sleep(RECONNECT_SECONDS)

    def _add(self, news: str) -> None:
        self._until.update(msgspec.json.decode(news, type=dict[str, float]))

    async def _load(self, redis: Redis) -> None:
        now = time.time()
        known = await redis.zrange(KEY, cast(int, now), cast(int, "+inf"), byscore=True, withscores=True)
        kept = {session_id: until for session_id, until in self._until.items() if until > now}
        self._until = kept | dict(cast(list[tuple[str, float]], known))
        self._loaded.set()
