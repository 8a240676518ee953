"""Migrations, the same way for every subgraph: `migrate` brings a database to the newest version."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

import subgraphs
from subgraphs.kit.database.columns import ID, Instant


async def migrate(subgraph: str, url: URL) -> None:
    """Creates the database where it is missing, and applies the migrations that it lacks."""
    await create_database(url)
    async with connected(url) as connection:
        await connection.run_sync(_upgrade, subgraph)
        await connection.commit()


@asynccontextmanager
async def connected(url: URL, **arguments: Any) -> AsyncIterator[AsyncConnection]:
    """A connection that is closed with the block, however it ends; `arguments` are the driver's."""
    engine = create_async_engine(url, connect_args=arguments)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


def alembic_config(subgraph: str) -> Config:
    """The alembic configuration of a subgraph, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("version_locations", str(Path(subgraphs.__path__[0], subgraph, "migrations")))
    config.set_main_option("path_separator", "os")
    return config


def run_migrations() -> None:
    """Runs within alembic: applies the migrations on the connection that `migrate` has opened."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, render_item=_render_item)
    with context.begin_transaction():
        context.run_migrations()


def _render_item(kind: str, item: object, autogenerate_context: object) -> str | Literal[False]:
    """How a new migration names our own column types."""
    if kind == "type" and item is ID:
        return "columns.ID"
    return "columns.Instant()" if isinstance(item, Instant) else False


def _upgrade(connection: Connection, subgraph: str) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # else each DDL statement would commit by itself
    else:
        # Processes that migrate the same database take turns. The lock ends with the connection.
        connection.exec_driver_sql("SELECT GET_LOCK(LEFT(CONCAT('migrate ', DATABASE()), 64), 60)")
        _undo_cut_first_migration(connection)
    config = alembic_config(subgraph)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _undo_cut_first_migration(connection: Connection) -> None:
    """Drops the tables that a killed first migration has left, since MySQL commits each DDL statement by itself.

    Alembic creates its own table first and fills it last. While it is empty, no subgraph has served from this
    database, so the tables hold nothing.
    """
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables or MigrationContext.configure(connection).get_current_revision():
        return
    for table in tables:
        connection.exec_driver_sql(f"DROP TABLE {connection.dialect.identifier_preparer.quote(table)}")


async def exists(url: URL) -> bool:
    """Whether there is such a database that its user may see."""
    if url.get_backend_name() == "sqlite":
        return await asyncio.to_thread(Path(str(url.database)).exists)
    async with connected(url.set(database="")) as connection:
        query = text("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = :name")
        return bool(await connection.scalar(query, {"name": url.database}))


async def create_database(url: URL) -> None:
    """Creates the database where it is missing."""
    if url.get_backend_name() == "sqlite":
        assert url.database is not None
        await asyncio.to_thread(_create_file, Path(url.database))
        return
    async with connected(url.set(database="")) as connection:
        name = connection.dialect.identifier_preparer.quote(str(url.database))
        await connection.execute(text(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4"))


def _create_file(path: Path) -> None:
    """An empty file is a new database. SQLite gives the files that it puts beside it the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
