"""Whether the database server and Redis that a store needs can be used, found out before anything starts."""

import asyncio

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from sqlalchemy.engine import URL

from subgraphs.kit.database.migrations.runner import connected, create_database
from subgraphs.kit.redis.client import connect
from subgraphs.kit.settings import SUBGRAPHS, Settings

SECONDS = 5
STATEMENTS = (
    "DROP TABLE IF EXISTS grants_check_references, grants_check",
    "CREATE TABLE grants_check (a INT PRIMARY KEY)",
    "CREATE TABLE grants_check_references (a INT, FOREIGN KEY (a) REFERENCES grants_check (a))",
    "ALTER TABLE grants_check ADD COLUMN b INT",
    "CREATE INDEX ix_grants_check ON grants_check (b)",
    "INSERT INTO grants_check VALUES (1, 1)",
    "UPDATE grants_check SET b = 2 WHERE a = 1",
    "SELECT a FROM grants_check FOR UPDATE",
    "DELETE FROM grants_check WHERE a = 1",
    "DROP TABLE grants_check_references, grants_check",
)
"""Each needs one of the grants that docs/real-servers.md lists."""


def check_servers(settings: Settings, own_redis: bool) -> None:
    """Raises BadSetting for a wrong URL, SQLAlchemyError or RedisError when a server does not answer in time.

    `own_redis`: the store starts its Valkey itself, later.
    """
    asyncio.run(_check_databases(settings))
    if not own_redis:
        asyncio.run(_check_redis(settings.redis_url))


def check_grants(settings: Settings) -> None:
    """Creates missing databases and tries in each what migrations and subgraphs do. Raises SQLAlchemyError.

    A query of the server's grants would not tell: a role or a pattern may give them.
    """

    async def run() -> None:
        tries = [_try_grants(settings.database_of(subgraph)) for subgraph in SUBGRAPHS]
        # Wait for all, so that each closes its connection, and then raise.
        for outcome in await asyncio.gather(*tries, return_exceptions=True):
            if outcome is not None:
                raise outcome

    if settings.database_of("user").get_backend_name() != "sqlite":
        asyncio.run(run())


def redis_client(url: str) -> Redis:
    """A client that gives up at once. Raises BadSetting."""
    retry = Retry(NoBackoff(), 0)
    return connect(url, socket_connect_timeout=SECONDS, socket_timeout=SECONDS, retry=retry)


async def _check_databases(settings: Settings) -> None:
    for url in {settings.database_of(subgraph).set(database="") for subgraph in SUBGRAPHS}:
        if url.get_backend_name() != "sqlite":
            async with connected(url, connect_timeout=SECONDS):
                pass


async def _try_grants(url: URL) -> None:
    await create_database(url)
    async with connected(url) as connection:
        for statement in STATEMENTS:
            await connection.exec_driver_sql(statement)
            await connection.commit()


async def _check_redis(url: str) -> None:
    redis = redis_client(url)
    try:
        await redis.ping()
    finally:
        await redis.aclose()
