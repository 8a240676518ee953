"""A real router, and the Node gateway, over the small supergraph of subgraphs.py, for the whole session."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.binary import at_once
from router.node import install
from router.process import ApolloRouter, Gateway, free_ports, running

HERE = Path(__file__).parent
SUPERGRAPH = HERE / "supergraph.graphql"


@pytest.fixture(scope="session")
def router() -> ApolloRouter:
    binary = at_once(print)
    if binary is None:
        pytest.skip("Apollo Router is not here: `nox -s router` gets it")
    return ApolloRouter(binary)


@pytest.fixture(scope="session", params=["router", "node"])
def gateway(request: pytest.FixtureRequest) -> Gateway:
    """Each of the two that may serve the supergraph."""
    if request.param == "node":
        return install(print)
    router: ApolloRouter = request.getfixturevalue("router")
    return router


@pytest.fixture(scope="session")
def subgraphs() -> Iterator[str]:
    """The base address of the subgraphs."""
    (port,) = free_ports(1)
    process = subprocess.Popen([sys.executable, str(HERE / "subgraphs.py"), str(port)])
    try:
        await_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="session")
def endpoint(gateway: Gateway, subgraphs: str) -> Iterator[str]:
    settings = {
        "STEAMPUNK_ROUTER_SECRET": "the router's secret",
        "STEAMPUNK_USER_URL": f"{subgraphs}/user",
        "STEAMPUNK_PRODUCT_URL": f"{subgraphs}/product",
        "ROUTER_SUBGRAPH_TIMEOUT": "500ms",
        "ROUTER_PLAYGROUND_ORIGIN": "http://playground.test",
    }
    with running(gateway, SUPERGRAPH, settings) as url:
        yield url


@pytest.fixture(scope="session")
def ailing(gateway: Gateway, subgraphs: str) -> Iterator[str]:
    """A gateway whose user subgraph refuses everything and whose product subgraph is down."""
    (nobody,) = free_ports(1)
    settings = {
        "STEAMPUNK_ROUTER_SECRET": "s",
        "STEAMPUNK_USER_URL": f"{subgraphs}/refuse",
        "STEAMPUNK_PRODUCT_URL": f"http://127.0.0.1:{nobody}/graphql",
    }
    with running(gateway, SUPERGRAPH, settings) as url:
        yield url


def await_port(port: int) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
