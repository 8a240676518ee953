"""Consistent reads of the six databases: each snapshot shows one instant."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any, Self, TypeAlias, TypeVar

from redis.asyncio import Redis
from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import Database
from subgraphs.kit.redis.client import connect
from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.store.audit.tables import TABLES

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
Query: TypeAlias = Select[*tuple[Any, ...]]
Left = TypeVar("Left", bound=Sequence[Any])
Right = TypeVar("Right", bound=Sequence[Any])

CHUNK = 20_000
# Payment last: the others learn of a payment from payment, so that no effect is seen without its cause,
# although the snapshots show different instants.
IN_ORDER = (*(subgraph for subgraph in SUBGRAPHS if subgraph != "payment"), "payment")


class Snapshot:
    """A read transaction that sees one state of a database: that of `now`, by the database's clock, or later."""

    def __init__(self, connection: AsyncConnection, now: datetime) -> None:
        self._connection = connection
        self.now = now

    async def count(self, source: type[Any] | FromClause) -> int:
        return int(await self.scalar(select(func.count()).select_from(source)) or 0)

    async def scalar(self, query: Query) -> Any:
        return await self._connection.scalar(query)

    async def rows(self, query: Query) -> Sequence[AnyRow]:
        return (await self._connection.execute(query)).all()

    async def sorted(self, query: Query, *keys: ColumnElement[Any]) -> AsyncIterator[AnyRow]:
        """All rows, sorted by the keys. These must be unique, the query's first columns, and the first of an index."""
        async for rows in self.chunks(query, *keys):
            for row in rows:
                yield row

    async def chunks(self, query: Query, *keys: ColumnElement[Any]) -> AsyncIterator[Sequence[AnyRow]]:
        """The same rows in lists. Each chunk is found by the index: without one, each would read the whole table."""
        query = query.order_by(*keys).limit(CHUNK)
        rows = await self.rows(query)
        while rows:
            yield rows
            rows = await self.rows(query.where(_after(keys, tuple(rows[-1])))) if len(rows) == CHUNK else []


class Snapshots:
    """A snapshot of each subgraph's database, and a Redis client."""

    def __init__(
        self,
        snapshots: Mapping[str, Snapshot],
        fresh: Callable[[str], AbstractAsyncContextManager[Snapshot]],
        redis: Redis,
    ) -> None:
        self._snapshots = snapshots
        self.fresh = fresh
        """Opens a new snapshot of one database."""
        self.redis = redis

    def __getitem__(self, subgraph: str) -> Snapshot:
        return self._snapshots[subgraph]


class Databases:
    """Opens snapshots of a store's databases, each of which must allow two reads at once."""

    def __init__(self, databases: Mapping[str, Database], redis: Redis) -> None:
        self._databases = databases
        self._redis = redis

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The databases of these settings, to be closed with `aclose`."""
        # Two connections for reads: a fresh snapshot is taken beside the others.
        databases = {name: Database(settings.database_of(name), 4) for name in SUBGRAPHS}
        return cls(databases, connect(settings.redis_url))

    @asynccontextmanager
    async def snapshots(self) -> AsyncIterator[Snapshots]:
        """Opens a snapshot of each database, payment's last."""
        async with AsyncExitStack() as stack:
            opened = {name: await stack.enter_async_context(self._snapshot(name)) for name in IN_ORDER}
            yield Snapshots(opened, self._snapshot, self._redis)

    @asynccontextmanager
    async def _snapshot(self, name: str) -> AsyncIterator[Snapshot]:
        async with _repeatable(self._databases[name].reader).connect() as connection:
            now = await connection.scalar(select(utc_now()))
            assert now is not None
            # The first read of a table fixes what the transaction sees.
            await connection.execute(select(1).select_from(TABLES[name].Base.metadata.sorted_tables[0]).limit(1))
            yield Snapshot(connection, now)

    async def aclose(self) -> None:
        await self._redis.aclose()
        for database in self._databases.values():
            await database.close()


async def paired(
    left: AsyncIterator[Left], right: AsyncIterator[Right], width: int
) -> AsyncIterator[tuple[Left | None, Right | None]]:
    """Joins rows of two databases by key: their first `width` columns. None stands where one side has no match.

    Both sides must be sorted by their keys, which must be unique.
    """
    one, other = await anext(left, None), await anext(right, None)
    while one is not None or other is not None:
        if other is None or (one is not None and tuple(one[:width]) < tuple(other[:width])):
            yield one, None
            one = await anext(left, None)
        elif one is None or tuple(other[:width]) < tuple(one[:width]):
            yield None, other
            other = await anext(right, None)
        else:
            yield one, other
            one, other = await anext(left, None), await anext(right, None)


def _repeatable(engine: AsyncEngine) -> AsyncEngine:
    """An engine whose transactions see one instant. SQLite's do anyway; MySQL's READ COMMITTED do not."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")


def _after(keys: Sequence[ColumnElement[Any]], row: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a row comes after this one. Begins with the first key alone, so that the database can use its index."""
    first, *others = keys
    later: ColumnElement[bool] = first > row[0]
    if not others:
        return later
    return and_(first >= row[0], or_(later, _after(others, row[1:])))
