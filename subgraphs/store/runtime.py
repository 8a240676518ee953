"""What a subgraph's service stands on, for commands that work on its database outside of its processes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from subgraphs.kit.database.database import Database
from subgraphs.kit.messaging.outbox import Outbox
from subgraphs.kit.messaging.tables import OutboxColumns
from subgraphs.kit.peers import Peers
from subgraphs.kit.redis.client import connect
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.settings import settings


@asynccontextmanager
async def runtime_of(subgraph: str, outbox: type[OutboxColumns] | None = None) -> AsyncIterator[Runtime]:
    """A subgraph's resources, closed with the block."""
    config = settings()
    database = Database(config.database_of(subgraph), pool_size=1)
    redis = connect(config.redis_url)
    async with aiohttp.ClientSession() as http:
        yield Runtime(config, database, redis, Peers(config, http), http, Outbox(outbox, database) if outbox else None)
    await redis.aclose()
    await database.close()
