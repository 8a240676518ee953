"""A field moves from one subgraph to another step by step: progressive `@override`.

docs/guides/move-a-field.md describes the steps.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from router.node import install
from router.process import ApolloRouter, Gateway, free_ports, running
from schema.composition import compose
from tests.router import moving
from tests.router.conftest import wait_for_port
from tests.router.test_router import post

RATINGS = {"query": "{ products { rating votes } }"}
MANY = 100
"""So many requests that of two halves neither stays empty, but once in 2 to the power of 99."""


@pytest.fixture(scope="module")
def both() -> Iterator[dict[str, str]]:
    """The two subgraphs, as settings of a gateway."""
    (port,) = free_ports(1)
    process = subprocess.Popen([sys.executable, "-m", "tests.router.moving", str(port)])
    try:
        wait_for_port(port)
        urls = {f"STEAMPUNK_{name.upper()}_URL": f"http://127.0.0.1:{port}/{name}" for name in ("product", "library")}
        yield {"STEAMPUNK_ROUTER_SECRET": "secret", **urls}
    finally:
        process.terminate()
        process.wait()


@contextmanager
def served(gateway: Gateway, label: str | None, settings: dict[str, str], folder: Path) -> Iterator[str]:
    """The two subgraphs, composed with this label, behind a gateway."""
    sdls = {"product": moving.PRODUCT.as_str(), "library": moving.library(label).as_str()}
    supergraph = folder / "supergraph.graphql"
    supergraph.write_text(compose(sdls)["supergraph"])
    with running(gateway, supergraph, settings) as url:
        yield url


def who_answers(url: str, requests: int = MANY) -> Counter[str]:
    """Counts the requests that each subgraph answers. Both fields of one request come from the same subgraph."""
    answered = Counter[str]()
    for _ in range(requests):
        products = post(url, RATINGS)[2]["data"]["products"]
        (name,) = {value for product in products for value in product.values()}
        answered[name] += 1
    return answered


@pytest.mark.parametrize(
    ("label", "who"),
    [("percent(0)", {"product"}), ("percent(50)", {"product", "library"}), ("percent(100)", {"library"})],
)
def test_a_label_moves_a_share_of_the_requests(
    router: ApolloRouter, both: dict[str, str], tmp_path: Path, label: str, who: set[str]
) -> None:
    with served(router, label, both, tmp_path) as url:
        assert set(who_answers(url)) == who


def test_the_node_gateway_leaves_a_labelled_field_where_it_was(both: dict[str, str], tmp_path: Path) -> None:
    with served(install(print), "percent(100)", both, tmp_path) as url:
        assert set(who_answers(url, 10)) == {"product"}


def test_without_a_label_every_request_moves(gateway: Gateway, both: dict[str, str], tmp_path: Path) -> None:
    with served(gateway, None, both, tmp_path) as url:
        assert set(who_answers(url, 10)) == {"library"}
