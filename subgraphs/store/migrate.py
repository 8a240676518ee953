"""Migrates the databases of all six subgraphs."""

import asyncio

from subgraphs.kit.database.migrations.runner import migrate
from subgraphs.kit.settings import SUBGRAPHS, Settings


def migrate_all(settings: Settings) -> None:
    """Migrates the six databases of these settings to the newest version."""

    async def run() -> None:
        for subgraph in SUBGRAPHS:
            await migrate(subgraph, settings.database_of(subgraph))

    asyncio.run(run())
