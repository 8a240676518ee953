"""The mark in a store's databases that says whether they take sample data.

`up` sets it when it creates all six databases itself. Databases without it belong to somebody: `up` adds nothing.
"""

import asyncio
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Column, MetaData, String, Table, delete, insert, inspect, select
from sqlalchemy.engine import Connection

from subgraphs.kit.database.migrations.runner import connected, create_database, exists
from subgraphs.kit.settings import SUBGRAPHS, Settings

TABLE = Table("sample_mark", MetaData(), Column("stage", String(10)), Column("pictures", String(500)))


class Stage(Enum):
    """How far the sample data is."""

    NEW = "NEW"
    """The databases are new."""
    FILLING = "FILLING"
    """Games and accounts are being added. After an interruption this is repeated, which is safe."""
    FILLED = "FILLED"
    """They are there; what the demo account has bought and played may be missing."""
    COMPLETE = "COMPLETE"


@dataclass(frozen=True)
class Mark:
    stage: Stage
    pictures: str = ""
    """The address of the playground that the games' pictures name."""


def mark_if_new(settings: Settings) -> None:
    """Marks the databases as new if none of the six exists yet; creates the one that holds the mark."""

    async def run() -> None:
        if not any([await exists(settings.database_of(subgraph)) for subgraph in SUBGRAPHS]):
            await create_database(settings.database_of("user"))
            await _write(settings, Mark(Stage.NEW))

    asyncio.run(run())


def write(settings: Settings, mark: Mark) -> None:
    """Replaces the mark, or sets the first."""
    asyncio.run(_write(settings, mark))


def read(settings: Settings) -> Mark | None:
    """The mark; None if these databases have none."""

    async def run() -> Mark | None:
        async with connected(settings.database_of("user")) as connection:
            if not await connection.run_sync(_has_table):
                return None
            row = (await connection.execute(select(TABLE))).one_or_none()
            return Mark(Stage(row.stage), row.pictures) if row else None

    return asyncio.run(run())


async def _write(settings: Settings, mark: Mark) -> None:
    async with connected(settings.database_of("user")) as connection:
        await connection.run_sync(TABLE.create, checkfirst=True)
        await connection.execute(delete(TABLE))
        await connection.execute(insert(TABLE).values(stage=mark.stage.value, pictures=mark.pictures))
        await connection.commit()


def _has_table(connection: Connection) -> bool:
    return inspect(connection).has_table(TABLE.name)
