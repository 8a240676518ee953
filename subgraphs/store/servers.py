"""Whether the database server and Redis that a store needs can be used, found out before anything starts."""

import asyncio

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from subgraphs.kit.database.migrations.runner import connected
from subgraphs.kit.problems import BadSetting, without_password
from subgraphs.kit.settings import Settings

SECONDS = 5


def check_servers(settings: Settings, own_redis: bool) -> None:
    """Raises BadSetting for a wrong URL, SQLAlchemyError or RedisError when a server does not answer in time.

    `own_redis`: the store starts its Valkey itself, later.
    """
    asyncio.run(_check_database(settings))
    if not own_redis:
        asyncio.run(_check_redis(settings.redis_url))


def redis_client(url: str) -> Redis:
    """A client that gives up at once. Raises BadSetting."""
    try:
        return Redis.from_url(
            url,
            decode_responses=True,
            protocol=2,
            socket_connect_timeout=SECONDS,
            socket_timeout=SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError as error:
        raise BadSetting(
            f"STEAMPUNK_REDIS_URL is {without_password(url)}, which is no Redis URL. Write one such as "
            "redis://:password@host:6379/0, or leave the setting out: the store then runs a Valkey of its own."
        ) from error


async def _check_database(settings: Settings) -> None:
    url = settings.database_of("user")
    if url.get_backend_name() == "sqlite":
        return
    async with connected(url.set(database=""), connect_timeout=SECONDS):
        pass


async def _check_redis(url: str) -> None:
    redis = redis_client(url)
    try:
        await redis.ping()
    finally:
        await redis.aclose()
