"""What serves the supergraph, as a process: the way to start it, to know that it answers, and to end it."""

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

ROOM = Path(__file__).parent
CONFIGURATION = ROOM / "router.yaml"
SUPERGRAPH = ROOM.parent / "schema" / "supergraph.graphql"


Say = Callable[[str], None]


class GatewayMissing(Exception):
    """What is to serve the supergraph could not be had; the message says what helps."""


class RouterStopped(Exception):
    """The router ended, or did not answer, before it was ready; the message holds its last lines."""


@dataclass(frozen=True)
class ApolloRouter:
    """The router, with the configuration of router.yaml."""

    binary: Path

    def command(self, supergraph: Path = SUPERGRAPH) -> list[str]:
        return [str(self.binary), "--config", str(CONFIGURATION), "--supergraph", str(supergraph)]

    def __str__(self) -> str:
        return "Apollo Router"


@dataclass(frozen=True)
class NodeGateway:
    """The gateway of gateway/, for development; it takes the same settings from its environment."""

    node: Path
    stands_in: bool = False
    """Whether it serves only because there is no router yet."""

    def command(self, supergraph: Path = SUPERGRAPH) -> list[str]:
        return [str(self.node), str(ROOM / "gateway" / "main.mjs"), str(supergraph)]

    def __str__(self) -> str:
        return "the Node gateway"


Gateway = ApolloRouter | NodeGateway


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with the router's settings; see router.yaml for their names."""
    # Apollo's anonymous usage data would go to a network the store may not have.
    base = {"ROUTER_SCRIPTS": str(ROOM), "APOLLO_TELEMETRY_DISABLED": "true"}
    return {**os.environ, **base, **settings}


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on at this moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def running(gateway: Gateway, supergraph: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """A router, or the Node gateway, on free ports for as long as the block lasts; gives its GraphQL endpoint.

    Raises RouterStopped when it does not get ready.
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
                raise RouterStopped("The router did not get ready:\n" + "".join(log.readlines()[-20:]))
            yield f"http://127.0.0.1:{graphql}/graphql"
        finally:
            process.terminate()
            process.wait()


def wait_ready(process: subprocess.Popen[bytes], health: str, seconds: float) -> bool:
    """Whether the router answers at its health address before it ends or the time is over."""
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(health, timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    return False
