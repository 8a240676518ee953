"""Connections to a database: one pool for reads, one for transactions, and no needless round trips."""

import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from subgraphs.kit.database.pools import MeasuredPool

RECYCLE_SECONDS = 1800
READS, TRANSACTIONS = "reads", "transactions"
IDLE_SECONDS = 1.0
"""A connection that was not used for longer is checked before it is used: the server may have closed it."""


def engines(url: URL, pool_size: int) -> tuple[AsyncEngine, AsyncEngine]:
    """The engine for reads and the one for transactions.

    SQLite has one writer. Transactions take turns on its connection and begin IMMEDIATE, so that what they have read
    cannot change before they write.

    MySQL runs transactions in READ COMMITTED, which locks no gaps; the rows that a decision rests on are locked
    explicitly, with FOR UPDATE. Reads commit automatically: each statement sees what is committed, as it would in READ
    COMMITTED, and none needs a ROLLBACK. The two share the pool size.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, pool_size, READS, begin="BEGIN"), _sqlite(url, 1, TRANSACTIONS, begin="BEGIN IMMEDIATE")
    half = max(1, pool_size // 2)
    reader = _mysql(url, half, READS, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True)
    writer = _mysql(url, half, TRANSACTIONS, isolation_level="READ COMMITTED", pool_reset_on_return=None)
    event.listen(writer.sync_engine, "reset", _roll_back_what_is_open)
    return reader, writer


def _mysql(url: URL, pool_size: int, pool: str, **options: Any) -> AsyncEngine:
    engine = _engine(url, pool_size, pool, pool_recycle=RECYCLE_SECONDS, **options)
    dialect = engine.sync_engine.dialect

    @event.listens_for(engine.sync_engine, "checkout")
    def check_if_idle(connection: Any, record: Any, proxy: Any) -> None:
        if time.monotonic() - record.info.get("used", time.monotonic()) < IDLE_SECONDS:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise DisconnectionError(str(error)) from error

    @event.listens_for(engine.sync_engine, "checkin")
    def note_the_time(connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    return engine


def _engine(url: URL, pool_size: int, pool: str, **options: Any) -> AsyncEngine:
    return create_async_engine(
        url,
        poolclass=MeasuredPool,
        pool_logging_name=pool,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        **options,
    )


def _roll_back_what_is_open(connection: Any, record: Any, state: Any) -> None:
    """Rolls back a transaction that its session has not ended: the server's last answer tells whether there is one."""
    if state.asyncio_safe and connection.driver_connection.get_transaction_status():
        connection.rollback()


def _sqlite(url: URL, pool_size: int, pool: str, *, begin: str) -> AsyncEngine:
    engine = _engine(url, pool_size, pool, connect_args={"timeout": 30})

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the `begin` event below begins transactions, not the driver
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
