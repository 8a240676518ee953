"""Serves one subgraph with uvicorn, and migrates the databases of all."""

import asyncio

import uvicorn

from subgraphs.kit.migrations import migrate
from subgraphs.kit.settings import SUBGRAPHS, settings

# Longer than the router keeps idle connections (router.yaml: pool_idle_timeout), or it would send requests
# into connections that are just being closed.
KEEP_ALIVE_SECONDS = 75
# Connections that wait to be accepted: a flash sale opens thousands at once.
BACKLOG = 4096


def serve(subgraph: str, port: int, workers: int) -> None:
    """Serves a subgraph until it is told to stop; several workers share one listening socket."""
    uvicorn.run(
        f"subgraphs.{subgraph}.app:create",
        factory=True,
        host=settings().host,
        port=port,
        workers=workers,
        loop="uvloop",
        http="httptools",
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=5,
        log_level="warning",
        access_log=False,
    )


def migrate_all() -> None:
    """Brings all six databases to the newest version."""

    async def run() -> None:
        for subgraph in SUBGRAPHS:
            await migrate(subgraph, settings().database_of(subgraph))

    asyncio.run(run())
