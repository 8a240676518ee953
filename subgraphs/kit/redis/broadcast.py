"""Following a Redis channel, for copies in memory that must hear of changes elsewhere."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

RECONNECT_SECONDS = 0.2
"""How long to wait before following again a channel that was lost."""
AGAIN_SECONDS = 10.0


async def listen(
    redis_url: str, channel: str, begin: Callable[[Redis], Awaitable[None]], hear: Callable[[str], None]
) -> None:
    """Calls `hear` with each message, until the connection fails. Raises RedisError, OSError, TimeoutError.

    `begin` makes the copy anew. It runs once the channel is followed, so that nothing is missed between the two, and
    every ten seconds, in case a connection is dead and nobody has noticed.
    """
    # Without the client's own retries, which would be silent and take seconds.
    redis = Redis.from_url(redis_url, decode_responses=True, protocol=2, retry=Retry(NoBackoff(), 0))
    async with redis, redis.pubsub() as subscription:
        await subscription.subscribe(channel)
        again_at = 0.0
        while True:
            wait = max(0.0, again_at - time.monotonic())
            message = await subscription.get_message(ignore_subscribe_messages=False, timeout=wait)
            if message is not None and message["type"] == "message":
                hear(message["data"])
            elif message is not None or time.monotonic() >= again_at:
                await asyncio.wait_for(begin(redis), AGAIN_SECONDS)
                again_at = time.monotonic() + AGAIN_SECONDS
