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
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from subgraphs.kit import telemetry

KEY = "steampunk:ended-sessions"
"""Session ids, each with the time (Unix) after which none of its tokens is valid."""
CHANNEL = f"{KEY}:news"
RELOAD_SECONDS = 10.0
"""The copy is loaded anew this often too, in case a connection is dead and nobody has noticed."""
RECONNECT_SECONDS = 0.2
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
        # Without the client's own retries, which would be silent and take seconds.
        self._redis = Redis.from_url(redis_url, decode_responses=True, protocol=2, retry=Retry(NoBackoff(), 0))
        self._until: dict[str, float] = {}
        self._loaded = asyncio.Event()
        self._load_at = 0.0

    def __contains__(self, session_id: object) -> bool:
        return session_id in self._until

    async def loaded(self) -> None:
        """Waits for the first copy, but not for a Redis that does not answer."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._loaded.wait(), FIRST_LOAD_SECONDS)

    async def follow(self) -> None:
        """Keeps the copy complete for as long as the process lives."""
        try:
            while True:
                try:
                    async with self._redis.pubsub() as subscription:
                        await subscription.subscribe(CHANNEL)
                        await self._listen(subscription)
                except (RedisError, OSError, TimeoutError, msgspec.MsgspecError) as error:
                    telemetry.logger().warning("ended sessions are not followed", error=repr(error))
                await asyncio.sleep(RECONNECT_SECONDS)
        finally:
            await self._redis.aclose()

    async def _listen(self, subscription: PubSub) -> None:
        """Loads the set after each subscription, so that nothing is missed between the two."""
        while True:
            wait = max(0.0, self._load_at - time.monotonic())
            message = await subscription.get_message(ignore_subscribe_messages=False, timeout=wait)
            if message is not None and message["type"] == "message":
                self._until.update(msgspec.json.decode(message["data"], type=dict[str, float]))
            elif message is not None or time.monotonic() >= self._load_at:
                await asyncio.wait_for(self._load(), RELOAD_SECONDS)

    async def _load(self) -> None:
        now = time.time()
        known = await self._redis.zrange(KEY, cast(int, now), cast(int, "+inf"), byscore=True, withscores=True)
        kept = {session_id: until for session_id, until in self._until.items() if until > now}
        self._until = kept | dict(cast(list[tuple[str, float]], known))
        self._load_at = time.monotonic() + RELOAD_SECONDS
        self._loaded.set()
