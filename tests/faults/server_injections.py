"""Faults of the servers that keep the data, and of what comes through them."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from random import Random
from typing import Any

from redis.asyncio import Redis
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from subgraphs.kit.database.database import Database
from subgraphs.kit.failpoints import Fault
from subgraphs.kit.messaging.streams import stream_of
from subgraphs.payment.models import Outbox
from tests.faults.injections import MET_SECONDS, Injection, within
from tests.faults.store import FaultyStore


@dataclass(frozen=True)
class LoseRedis(Injection):
    """Redis is killed, and comes back without anything."""

    kind = "Redis loses its data"

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        store.kill("redis")
        store.lose_redis_data()
        return self.kind


@dataclass(frozen=True)
class Flush(Injection):
    """FLUSHALL."""

    kind = "FLUSHALL"

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        async with _redis(store) as redis:
            await redis.flushall()
        return self.kind


@dataclass(frozen=True)
class CutConnections(Injection):
    """MariaDB ends all connections, and takes few new ones for a while."""

    kind = "database connections cut and refused"

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        async with _connection(store, "payment") as connection:
            await connection.execute(text("SET GLOBAL max_connections = 10"))
            own = await connection.scalar(text("SELECT CONNECTION_ID()"))
            ids = await connection.scalars(text("SELECT id FROM information_schema.processlist WHERE user = 'root'"))
            for one in ids.all():
                if one != own:
                    with suppress(DBAPIError):  # it has ended by itself
                        await connection.execute(text(f"KILL {int(one)}"))
            await asyncio.sleep(2)
            await connection.execute(text("SET GLOBAL max_connections = 400"))
        return self.kind


@dataclass(frozen=True)
class HoldLocks(Injection):
    """Somebody else holds the locks: on MariaDB rows in an order that deadlocks, on SQLite the whole database."""

    kind = "locks held (real 1205 and 1213)"
    subgraph: str
    tables: tuple[str, ...]

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        async with _connection(store, self.subgraph) as connection:
            with suppress(DBAPIError):  # it was this one that lost
                for statement in self._statements(store):
                    await connection.execute(text(statement))
                    await asyncio.sleep(0.7)
                await asyncio.sleep(2)
            await connection.rollback()
        return self.kind

    def _statements(self, store: FaultyStore) -> list[str]:
        if store.has_mariadb:
            return [f"SELECT * FROM {table} FOR UPDATE" for table in self.tables]
        return ["BEGIN IMMEDIATE"]


@dataclass(frozen=True)
class DeliverAgain(Injection):
    """All events that the stream still has come twice more, in any order."""

    kind = "events delivered twice, out of order"

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        await asyncio.sleep(1)
        async with _redis(store) as redis:
            stream: Any = await redis.xrange(stream_of("payment"))
            entries = [fields for _, fields in stream] * 2
            rng.shuffle(entries)
            for fields in entries:
                await redis.xadd(stream_of("payment"), fields)
        return self.kind


@dataclass(frozen=True)
class DeliverBackwards(Injection):
    """Events come the last first, before their producer relays them."""

    kind = "events delivered out of order the first time"

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        order = Fault(uuid.uuid4().hex, "relay: before", "delay", seconds=3)
        store.order("payment", order)
        if not await within(MET_SECONDS, lambda: store.has_met(order)):
            return f"{self.kind}: not met"
        await asyncio.sleep(2)
        database = Database(store.settings.database_of("payment"), 1)
        async with database.reading() as session:
            query = select(Outbox).where(Outbox.relayed_at.is_(None)).order_by(Outbox.id.desc())
            rows = (await session.scalars(query)).all()
        await database.close()
        async with _redis(store) as redis:
            for row in rows:
                await redis.xadd(stream_of("payment"), {"id": row.event_id, "topic": row.topic, "payload": row.payload})
        return self.kind


def _redis(store: FaultyStore) -> aclosing[Redis]:
    return aclosing(Redis.from_url(store.settings.redis_url, decode_responses=True, protocol=2))


@asynccontextmanager
async def _connection(store: FaultyStore, subgraph: str) -> AsyncIterator[AsyncConnection]:
    """A connection of a test's own to a subgraph's database."""
    engine = create_async_engine(store.settings.database_of(subgraph), poolclass=NullPool)
    async with engine.connect() as connection:
        yield connection
