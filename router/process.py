"""The gateway as a process: starts it, waits until it is ready, and stops it."""

import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROUTER = Path(__file__).parent
CONFIGURATION = ROUTER / "router.yaml"
SUPERGRAPH = ROUTER.parent / "schema" / "supergraph.graphql"

FOR_DEVELOPERS = {
    "ROUTER_INTROSPECTION": "true",
    "ROUTER_QUERY_PLANS": "true",
    "ROUTER_PLAYGROUND_ORIGIN": "http://127.0.0.1:4080",
}
"""What is open unless STEAMPUNK_MODE is `production`."""

Log = Callable[[str], None]
"""Receives messages for the user, one line each."""


class GatewayMissing(Exception):
    """No gateway could be found or installed. The message says what helps."""


class RouterStopped(Exception):
    """The gateway exited or timed out before it was ready. The message holds its last log lines."""


@dataclass(frozen=True)
class ApolloRouter:
    """Apollo Router, configured by router.yaml."""

    binary: Path

    def command(self, supergraph: Path = SUPERGRAPH) -> list[str]:
        return [str(self.binary), "--config", str(CONFIGURATION), "--supergraph", str(supergraph)]

    def __str__(self) -> str:
        return "Apollo Router"


@dataclass(frozen=True)
class NodeGateway:
    """The gateway in gateway/, for development. It reads the same environment variables as the router."""

    node: Path
    is_fallback: bool = False
    """Whether it was chosen only because the router is not built yet."""

    def command(self, supergraph: Path = SUPERGRAPH) -> list[str]:
        return [str(self.node), str(ROUTER / "gateway" / "main.mjs"), str(supergraph)]

    def __str__(self) -> str:
        return "the Node gateway"


Gateway = ApolloRouter | NodeGateway


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment plus the gateway's settings, which router.yaml lists."""
    # Without this, the router sends anonymous usage data to Apollo.
    base = {"ROUTER_SCRIPTS": str(ROUTER), "APOLLO_TELEMETRY_DISABLED": "true"}
    given = {**os.environ, **base, **settings}
    return given if given.get("STEAMPUNK_MODE") == "production" else {**FOR_DEVELOPERS, **given}


def free_ports(count: int) -> list[int]:
    """Loopback ports that are free at this moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def running(gateway: Gateway, supergraph: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """Runs a gateway on free ports for the duration of the block. Yields its GraphQL endpoint.

    Raises RouterStopped if it is not ready within 30 seconds.
    """
    graphql, health, metrics = free_ports(3)
    listeners = {
        "ROUTER_LISTEN": f"127.0.0.1:{graphql}",
        "ROUTER_HEALTH_LISTEN": f"127.0.0.1:{health}",
        "ROUTER_METRICS_LISTEN": f"127.0.0.1:{metrics}",
    }
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            gateway.command(supergraph),
            env=environment({**listeners, **settings}),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            if not wait_ready(process, f"http://127.0.0.1:{health}/health", 30):
                log.seek(0)
                raise RouterStopped("The gateway did not become ready:\n" + "".join(log.readlines()[-20:]))
            yield f"http://127.0.0.1:{graphql}/graphql"
        finally:
            process.terminate()
            process.wait()


def wait_ready(process: subprocess.Popen[bytes], health: str, seconds: float) -> bool:
    """Whether the gateway passes its health check before it exits or the time is up."""
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(health, timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    return False
