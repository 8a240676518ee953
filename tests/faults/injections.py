"""The faults: what is done to the store, each under a name that a person can look for."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from msgspec.structs import replace
from redis.asyncio import Redis
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from subgraphs.kit.database import Database
from subgraphs.kit.faults import Fault
from subgraphs.kit.outbox import stream_of
from subgraphs.payment.models import Outbox
from tests.faults.store import FaultyStore

MET_SECONDS = 15

INJECTED: Counter[str] = Counter()
"""How often what was done."""


@dataclass(frozen=True)
class Injection:
    """One fault. `strike` does it while the store is under load, and tells what happened, by kind."""

    kind: ClassVar[str]

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        raise NotImplementedError


@dataclass(frozen=True)
class Kill(Injection):
    """kill -9 at any moment."""

    kind = "kill -9 at any moment"
    process: str

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        store.kill(self.process)
        return self.kind


@dataclass(frozen=True)
class KillAt(Injection):
    """kill -9 just when a subgraph reaches a named point."""

    kind = "kill -9 at a step's boundary"
    process: str
    point: str

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        skip = rng.choice((0, 0, 1, 4)) if "commit" in self.point else 0
        order = Fault(uuid.uuid4().hex, self.point, "kill", skip=skip)
        store.order(self.process, order)
        if await within(MET_SECONDS, lambda: store.is_dead(self.process)):
            return self.kind
        store.kill(self.process)
        return Kill.kind


@dataclass(frozen=True)
class Freeze(Injection):
    """SIGSTOP, and SIGCONT after longer than callers wait."""

    kind = "SIGSTOP and SIGCONT"
    process: str

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        store.freeze(self.process)
        await asyncio.sleep(rng.uniform(1, 5))
        store.thaw()
        return self.kind


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
class Conflict(Injection):
    """Commits fail as MySQL has them fail for a lock wait time-out (1205), a deadlock (1213) or a change (1020)."""

    kind = "1020, 1205 and 1213 injected"
    process: str
    code: int

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        order = Fault(uuid.uuid4().hex, "before commit", "conflict", times=rng.randint(1, 8), code=self.code)
        return await _ordered(store, self.process, order, self.kind)


@dataclass(frozen=True)
class Edge(Injection):
    """A subgraph does not reach another one, reaches it late, or does not hear its answer."""

    kind = "edge cut or delayed"
    source: str
    target: str
    how: str

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        point = f"answered by {self.target}" if self.how == "answer lost" else f"asking {self.target}"
        order = Fault(uuid.uuid4().hex, point, "cut", times=rng.randint(1, 6))
        if self.how == "late":
            order = replace(order, action="delay", seconds=rng.uniform(0.5, 4))
        return await _ordered(store, self.source, order, f"{self.kind}: {self.how}")


@dataclass(frozen=True)
class TinyPool(Injection):
    """A subgraph has one connection to its database."""

    kind = "connection pool exhausted"
    process: str

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        store.serve_with(self.process, STEAMPUNK_DATABASE_POOL="1")
        await store.ready()
        await asyncio.sleep(3)
        store.serve_with(self.process)
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
            await connection.execute(text("SET GLOBAL max_connections = 200"))
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


async def _ordered(store: FaultyStore, process: str, order: Fault, kind: str) -> str:
    """Has a process meet a fault, until it has."""
    store.order(process, order)
    met = await within(MET_SECONDS, lambda: store.has_met(order))
    await asyncio.sleep(1)
    return kind if met else f"{kind}: not met"


async def within(seconds: float, check: Callable[[], bool]) -> bool:
    """Whether something becomes so in a while."""
    for _ in range(int(seconds / 0.02)):
        if check():
            return True
        await asyncio.sleep(0.02)
    return False


def _redis(store: FaultyStore) -> aclosing[Redis]:
    return aclosing(Redis.from_url(store.settings.redis_url, decode_responses=True, protocol=2))


@asynccontextmanager
async def _connection(store: FaultyStore, subgraph: str) -> AsyncIterator[AsyncConnection]:
    """A connection of a test's own to a subgraph's database."""
    engine = create_async_engine(store.settings.database_of(subgraph), poolclass=NullPool)
    async with engine.connect() as connection:
        yield connection
