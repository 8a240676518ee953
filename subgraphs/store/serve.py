"""Serves one subgraph, or the live numbers, with uvicorn."""

import uvicorn

from subgraphs.kit.settings import settings
from subgraphs.store.production import require_secure

# Longer than the router keeps idle connections (router.yaml: pool_idle_timeout), or it would send requests
# on connections that are being closed.
KEEP_ALIVE_SECONDS = 75
# Connections waiting to be accepted: a flash sale opens thousands at once.
BACKLOG = 4096
STOP_SECONDS = 5
"""How long requests in progress may go on when the process stops."""
STOP_SECONDS_BEHIND_A_PROXY = 45
"""As long as the router waits for an answer."""


def serve(subgraph: str, port: int, workers: int) -> None:
    """Serves a subgraph until the process is told to stop. Workers share one listening socket.

    Raises Insecure in production.
    """
    require_secure([subgraph])
    config = settings()
    uvicorn.run(
        f"subgraphs.{subgraph}.app:create",
        factory=True,
        host=config.host,
        port=port,
        workers=workers,
        loop="uvloop",
        http="httptools",
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS_BEHIND_A_PROXY if config.drain_time else STOP_SECONDS,
        log_level="warning",
        log_config=None,  # the application's, which redacts
        access_log=False,
        proxy_headers=False,
    )


def serve_live(port: int) -> None:
    """Serves the live numbers of flash sales until the process is told to stop. Raises Insecure in production."""
    from subgraphs.live import server

    require_secure([])
    server.serve(settings().host, port, BACKLOG)
