"""Faults in Redis and the databases, and in the events that they carry."""

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
from tests.faults.injections import TRIGGER_SECONDS, Injection, within
from tests.faults.store import FaultyStore


@dataclass(frozen=True)
class LoseRedis(Injection):
    """Redis is killed and restarts empty."""

    kind = "Redis loses its data"

    async def inject(self, store: FaultyStore, rng: Random) -> str:
        store.kill("redis")
        store.lose_redis_data()
        return self.kind


@dataclass(frozen=True)
class Flush(Injection):
    """FLUSHALL."""

    kind = "FLUSHALL"

    async def inject(self, store: FaultyStore, rng: Random) -> str:
        async with _redis(store) as redis:
            await redis.flushall()
        return self.kind


@dataclass(frozen=True)
class CutConnections(Injection):
    """MariaDB closes all connections and limits new ones for two seconds."""

    kind = "database connections cut and refused"

    async def inject(self, store: FaultyStore, rng: Random) -> str:
        async with _connection(store, "payment") as connection:
            await connection.execute(text("SET GLOBAL max_connections = 10"))
            own = await connection.scalar(text("SELECT CONNECTION_ID()"))
            ids = await connection.scalars(text("SELECT id FROM information_schema.processlist WHERE user = 'root'"))
            for one in ids.all():
                if one != own:
                    with suppress(DBAPIError):  # the connection has already closed
                        await connection.execute(text(f"KILL {int(one)}"))
            await asyncio.sleep(2)
            await connection.execute(text("SET GLOBAL max_connections = 400"))
        return self.kind


@dataclass(frozen=True)
class HoldLocks(Injection):
    """Another transaction holds locks: on MariaDB on rows, in an order that deadlocks; on SQLite on the database."""

    kind = "locks held (real 1205 and 1213)"
    subgraph: str
    tables: tuple[str, ...]

    async def inject(self, store: FaultyStore, rng: Random) -> str:
        async with _connection(store, self.subgraph) as connection:
            with suppress(DBAPIError):  # this transaction was the deadlock's victim
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
class RedeliverEvents(Injection):
    """Redelivers each event in the stream twice, in random order."""

    kind = "events delivered twice, out of order"

    async def inject(self, store: FaultyStore, rng: Random) -> str:
        await asyncio.sleep(1)
        async with _redis(store) as redis:
            stream: Any = await redis.xrange(stream_of("payment"))
            entries = [fields for _, fields in stream] * 2
            rng.shuffle(entries)
            for fields in entries:
                await redis.xadd(stream_of("payment"), fields)
        return self.kind


@dataclass(frozen=True)
class ReverseEvents(Injection):
    """Delivers unrelayed events in reverse order before the relay sends them."""

    kind = "events delivered out of order the first time"

    async def inject(self, store: FaultyStore, rng: Random) -> str:
        fault = Fault(uuid.uuid4().hex, "relay: before", "delay", seconds=3)
        store.arm("payment", fault)
        if not await within(TRIGGER_SECONDS, lambda: store.has_triggered(fault)):
            return f"{self.kind}: not triggered"
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
    """A separate connection to a subgraph's database."""
    engine = create_async_engine(store.settings.database_of(subgraph), poolclass=NullPool)
    async with engine.connect() as connection:
        yield connection
