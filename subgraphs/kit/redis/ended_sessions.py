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
from subgraphs.kit.redis.term import TERM

KEY = "steampunk:ended-sessions"
"""Session ids, each with the time (Unix) after which none of its tokens is valid."""
CHANNEL = f"{KEY}:news"
COMPLETE = f"{{{KEY}}}:complete"
"""A mark that holds a term: in this term the server has all ended sessions. In another one it may have lost some."""
FIRST_LOAD_SECONDS = 2.0

# KEYS: the sessions. ARGV: the channel, the news, now, time, session, time, session ...
ANNOUNCE = """
for index = 4, #ARGV, 2 do redis.call('ZADD', KEYS[1], ARGV[index], ARGV[index + 1]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
redis.call('PUBLISH', ARGV[1], ARGV[2])
"""
# KEYS: the mark, and the sessions that it is about. Returns 1 if the mark was set in the server's present term, else 0.
IS_COMPLETE = TERM + "return redis.call('GET', KEYS[1]) == term() and 1 or 0"
MARK_COMPLETE = TERM + "redis.call('SET', KEYS[1], term())"


class Announcements:
    """Tells every process which sessions have ended. Each method raises RedisError."""

    def __init__(self, redis: Redis) -> None:
        self._announce = redis.register_script(ANNOUNCE)
        self._is_complete = redis.register_script(IS_COMPLETE)
        self._mark_complete = redis.register_script(MARK_COMPLETE)

    async def announce(self, ended: Mapping[str, float]) -> None:
        """Announces sessions, which are kept until the given times."""
        entries = [value for session_id, until in ended.items() for value in (until, session_id)]
        await self._announce([KEY], [CHANNEL, msgspec.json.encode(ended), time.time(), *entries])

    async def are_complete(self) -> bool:
        """Whether nothing has been lost since `mark_complete`."""
        return bool(await self._is_complete([COMPLETE, KEY]))

    async def mark_complete(self) -> None:
        """Notes that Redis has all ended sessions."""
        await self._mark_complete([COMPLETE, KEY])


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
