"""Runs Apollo Router and the Node gateway on the small supergraph of subgraphs.py, once per session."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.binary import locate_or_download
from router.node import install
from router.process import ApolloRouter, Gateway, free_ports, running

HERE = Path(__file__).parent
SUPERGRAPH = HERE / "supergraph.graphql"


@pytest.fixture(scope="session")
def router() -> ApolloRouter:
    binary = locate_or_download(print)
    if binary is None:
        pytest.skip("Apollo Router is not installed: run `nox -s router`")
    return ApolloRouter(binary)


@pytest.fixture(scope="session", params=["router", "node"])
def gateway(request: pytest.FixtureRequest) -> Gateway:
    """Apollo Router, then the Node gateway."""
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
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="session")
def endpoint(gateway: Gateway, subgraphs: str) -> Iterator[str]:
    with running(gateway, SUPERGRAPH, _settings(subgraphs)) as url:
        yield url


@pytest.fixture(scope="session")
def router_endpoint(router: ApolloRouter, subgraphs: str) -> Iterator[str]:
    """The endpoint of Apollo Router, for what the Node gateway lacks."""
    with running(router, SUPERGRAPH, _settings(subgraphs)) as url:
        yield url


def _settings(subgraphs: str) -> dict[str, str]:
    return {
        "STEAMPUNK_ROUTER_SECRET": "the router's secret",
        "STEAMPUNK_USER_URL": f"{subgraphs}/user",
        "STEAMPUNK_PRODUCT_URL": f"{subgraphs}/product",
        "ROUTER_SUBGRAPH_TIMEOUT": "500ms",
        "ROUTER_PLAYGROUND_ORIGIN": "http://playground.test",
    }


@pytest.fixture(scope="session")
def broken_endpoint(gateway: Gateway, subgraphs: str) -> Iterator[str]:
    """The endpoint of a gateway whose user subgraph rejects everything and whose product subgraph is down."""
    (closed,) = free_ports(1)
    settings = {
        "STEAMPUNK_ROUTER_SECRET": "s",
        "STEAMPUNK_USER_URL": f"{subgraphs}/reject",
        "STEAMPUNK_PRODUCT_URL": f"http://127.0.0.1:{closed}/graphql",
    }
    with running(gateway, SUPERGRAPH, settings) as url:
        yield url


def wait_for_port(port: int) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
