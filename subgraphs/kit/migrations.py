"""Alembic, the same for every subgraph: `migrate` brings a database to the newest version."""

import asyncio
from pathlib import Path
from typing import Literal

from alembic import command, context
from alembic.config import Config
from sqlalchemy import MetaData, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import create_async_engine

import subgraphs
from subgraphs.kit.columns import ID, Instant


async def migrate(subgraph: str, url: URL) -> None:
    """Creates the database where it is missing, and applies all migrations that it lacks."""
    await _create_database(url)
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.run_sync(_upgrade, subgraph)
        await connection.commit()
    await engine.dispose()


def alembic_config(subgraph: str) -> Config:
    """The alembic configuration of a subgraph, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(Path(subgraphs.__path__[0], subgraph, "migrations")))
    config.set_main_option("path_separator", "os")
    return config


def run_env(metadata: MetaData) -> None:
    """The body of every subgraph's `migrations/env.py`."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, render_item=_render_item)
    with context.begin_transaction():
        context.run_migrations()


def _render_item(kind: str, item: object, autogenerate_context: object) -> str | Literal[False]:
    """How a new migration names our own column types."""
    if kind == "type" and item is ID:
        return "columns.ID"
    return "columns.Instant()" if isinstance(item, Instant) else False


def _upgrade(connection: Connection, subgraph: str) -> None:
    config = alembic_config(subgraph)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _create_database(url: URL) -> None:
    if url.get_backend_name() == "sqlite":
        assert url.database is not None
        await asyncio.to_thread(Path(url.database).parent.mkdir, parents=True, exist_ok=True)
        return
    engine = create_async_engine(url.set(database=""))
    async with engine.connect() as connection:
        name = connection.dialect.identifier_preparer.quote(str(url.database))
        await connection.execute(text(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4"))
    await engine.dispose()
