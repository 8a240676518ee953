"""Migrates the databases of all six subgraphs."""

import asyncio

from subgraphs.kit.migrations import migrate
from subgraphs.kit.settings import SUBGRAPHS, settings


def migrate_all() -> None:
    """Brings all six databases to the newest version."""

    async def run() -> None:
        for subgraph in SUBGRAPHS:
            await migrate(subgraph, settings().database_of(subgraph))

    asyncio.run(run())
