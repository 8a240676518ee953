"""The database of one subgraph: transactions, retries and upserts."""

import asyncio
import functools
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Executable, Table, event, func, select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit import telemetry, tracing
from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.engines import engines
from subgraphs.kit.database.repository import table_of
from subgraphs.kit.database.traced import trace_statements
from subgraphs.kit.failpoints import failpoint

P = ParamSpec("P")
T = TypeVar("T")

# MySQL: 1020 record changed since last read, 1205 lock wait timeout, 1213 deadlock.
RETRYABLE_MYSQL = frozenset({1020, 1205, 1213})
ATTEMPTS = 6
INFRASTRUCTURE = (OperationalError, InterfaceError, PoolTimeout, OSError)
"""What is raised when a server does not answer, or not in time. The request itself is fine."""


class Database:
    """Opens transactions on one subgraph's database.

    Reads and transactions have connections of their own: see engines.py. Errors name no parameters of a statement:
    they are logged, and may be personal data.
    """

    def __init__(self, url: URL, pool_size: int) -> None:
        self.reader, self.writer = engines(url, pool_size)
        for engine in (self.reader, self.writer):
            event.listen(engine.sync_engine, "before_cursor_execute", _count_statement)
            if tracing.is_tracing():
                trace_statements(engine.sync_engine)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for reading."""
        async with AsyncSession(self.reader, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A transaction: committed at the end of the block, rolled back when the block raises."""
        async with AsyncSession(self.writer, expire_on_commit=False) as session:
            async with session.begin():
                yield session
                await failpoint("before commit")
            await failpoint("after commit")
            for call in session.info.get("after_commit", ()):
                call()

    async def ping(self) -> None:
        """Raises when the database does not answer."""
        async with self.reading() as session:
            await session.execute(select(utc_now()))

    async def close(self) -> None:
        for engine in (self.reader, self.writer):
            await engine.dispose()


def after_commit(session: AsyncSession, call: Callable[[], None]) -> None:
    """Calls `call` once the session's transaction has committed."""
    session.info.setdefault("after_commit", []).append(call)


def retry_on_conflict(function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Runs a function again when its transaction lost a conflict: up to six attempts, with jitter between them.

    The whole function runs again, so everything it decided is decided anew. The last conflict is raised.
    """

    @functools.wraps(function)
    async def retried(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(1, ATTEMPTS):
            try:
                return await function(*args, **kwargs)
            except DBAPIError as error:
                if not is_conflict(error):
                    raise
                telemetry.TRANSACTION_RETRIES.inc()
                await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))
        return await function(*args, **kwargs)

    return retried


def is_conflict(error: DBAPIError) -> bool:
    """Whether the transaction lost against another one, and may simply run again."""
    arguments = getattr(error.orig, "args", ())
    code = arguments[0] if arguments else None
    return code in RETRYABLE_MYSQL or (isinstance(code, str) and "database is locked" in code)


def is_mysql(session: AsyncSession) -> bool:
    """Whether the session's database is MySQL or MariaDB; otherwise it is SQLite."""
    return session.get_bind().dialect.name in ("mysql", "mariadb")


async def insert_missing(session: AsyncSession, table: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows in one statement; a row whose unique key is taken stays as it is.

    Not by INSERT IGNORE, which would turn every other error of a row into a warning.
    """
    if rows:
        await session.execute(_insert_missing(table_of(table), is_mysql(session)), list(rows))


async def upsert(
    session: AsyncSession, table: type[Any], rows: Sequence[Mapping[str, Any]], update: Sequence[str]
) -> None:
    """Inserts rows in one statement; of rows whose key is taken, it sets the columns in `update`."""
    if rows:
        await session.execute(_upsert(table_of(table), tuple(update), is_mysql(session)), list(rows))


@cache
def _insert_missing(table: Table, mysql_syntax: bool) -> Executable:
    if not mysql_syntax:
        return sqlite.insert(table).on_conflict_do_nothing()
    key = next(iter(table.primary_key))
    return mysql.insert(table).on_duplicate_key_update({key.name: key})


@cache
def _upsert(table: Table, update: tuple[str, ...], mysql_syntax: bool) -> Executable:
    if mysql_syntax:
        # VALUES() and not the newer row alias, which the driver's executemany cannot turn into one statement.
        return mysql.insert(table).on_duplicate_key_update({name: func.values(table.c[name]) for name in update})
    query = sqlite.insert(table)
    return query.on_conflict_do_update(set_={name: query.excluded[name] for name in update})


def _count_statement(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    if not statement.startswith("BEGIN"):
        telemetry.count_statement()
