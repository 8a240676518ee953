"""Following a Redis channel, for copies in memory that must hear of changes elsewhere."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from subgraphs.kit.redis.client import connect

RECONNECT_SECONDS = 0.2
"""How long to wait before following again a channel that was lost."""
AGAIN_SECONDS = 10.0
SILENCE_SECONDS = 2.0
"""After so long without a message the server gets a ping. Without an answer for as long again, it counts as gone."""


async def listen(
    redis_url: str, channel: str, begin: Callable[[Redis], Awaitable[None]], hear: Callable[[str], None]
) -> None:
    """Calls `hear` with each message, until the connection fails. Raises RedisError, OSError, TimeoutError.

    `begin` makes the copy anew. It runs once the channel is followed, so that nothing is missed between the two, and
    every ten seconds, since a server that takes over from another may have missed a message.
    """
    # Without the client's own retries, which would be silent and take seconds.
    redis = connect(redis_url, retry=Retry(NoBackoff(), 0))
    async with redis, redis.pubsub() as subscription:
        await subscription.subscribe(channel)
        again_at, is_asked = 0.0, False
        while True:
            message = await subscription.get_message(ignore_subscribe_messages=False, timeout=SILENCE_SECONDS)
            if message is None and is_asked:
                raise TimeoutError(f"{channel} is silent")
            if message is None:
                await subscription.ping()
            is_asked = message is None
            if message is not None and message["type"] == "message":
                hear(message["data"])
            if time.monotonic() >= again_at:
                await asyncio.wait_for(begin(redis), AGAIN_SECONDS)
                again_at = time.monotonic() + AGAIN_SECONDS
