"""Serves the live numbers with uvicorn, whose connections it hands to the application.

ASGI cannot tell what a client has not taken yet, and cannot drop it. Writing to the connection itself is cheaper, too,
which counts with ten thousand listeners.
"""

import asyncio
import socket

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_SECONDS = 10.0
SEND_BUFFER_BYTES = 8192
"""What the system keeps of what a listener does not read; Linux doubles it."""


class Connection(HttpToolsProtocol):
    """A client's connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.loop.call_later(REQUEST_SECONDS, self._close_without_request)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport

    def shutdown(self) -> None:
        """Called when the server stops. It cuts the connection, since a listener's response never ends by itself."""
        self.transport.abort()

    def _close_without_request(self) -> None:
        if self.cycle is None:
            self.transport.abort()


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket whose connections keep little that is not read."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    listening.bind((host, port))
    return listening


def serve(host: str, port: int, backlog: int) -> None:
    """Serves until the process is told to stop."""
    config = uvicorn.Config(
        "subgraphs.live.app:create",
        factory=True,
        loop="uvloop",
        http=Connection,
        backlog=backlog,
        log_level="warning",
        log_config=None,  # the application's, which redacts
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    with listening_socket(host, port) as listening:
        uvicorn.Server(config).run([listening])
