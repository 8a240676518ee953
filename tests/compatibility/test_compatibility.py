"""Apollo's subgraph compatibility suite: its tests as they are, on a subgraph that the kit serves behind the router.

The suite's command line is not used, because it downloads Apollo's rover and a router. package.json leaves its programs out.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from router import npm
from router.binary import locate_or_download
from router.process import free_ports, wait_ready
from schema.composition import install_composer, node
from tests.compatibility.products import schema
from tests.router.conftest import wait_for_port

FOLDER = Path(__file__).parent
SUITE = FOLDER / "node_modules" / "@apollo" / "federation-subgraph-compatibility-tests"
PAGE = FOLDER.parents[1] / "docs" / "correctness.md"
UNSUPPORTED = {"ftv1"}
"""Traces that a router sends to Apollo, which needs an account there."""


@contextmanager
def served(command: list[str], **environment: Any) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def supergraph(products: int, users: int, inventory: int) -> str:
    """The suite's two subgraphs, composed with ours; each is on its port."""
    install_composer()
    sdls = {
        name: (SUITE / "dist" / "subgraphs" / name / f"{name}.graphql").read_text() for name in ("users", "inventory")
    }
    subgraphs = {
        "products": (products, schema.as_str()),
        "users": (users, sdls["users"]),
        "inventory": (inventory, sdls["inventory"]),
    }
    parts = [{"name": name, "url": f"http://127.0.0.1:{port}", "sdl": sdl} for name, (port, sdl) in subgraphs.items()]
    composed = node("compose.mjs", text=json.dumps(parts))
    assert composed.returncode == 0, composed.stderr
    text: str = json.loads(composed.stdout)["supergraph"]
    return text


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    """What the suite's rows came to."""
    binary = locate_or_download(print)
    if binary is None:
        pytest.skip("Apollo Router is not installed: run `nox -s router`")
    javascript = str(npm.install(FOLDER, print))
    products, users, inventory, router, health = free_ports(5)
    ports = {"4000": router, "4002": users, "4003": inventory}
    moved = {"PORTS": json.dumps(ports), "NODE_OPTIONS": f"--require={FOLDER / 'ports.cjs'}"}
    file = tmp_path_factory.mktemp("compatibility") / "supergraph.graphql"
    file.write_text(supergraph(products, users, inventory))
    with ExitStack() as stack:
        stack.enter_context(served([sys.executable, "-m", "tests.compatibility.products", str(products)]))
        for name in ("users", "inventory"):
            program = SUITE / "dist" / "subgraphs" / name / "index.js"
            stack.enter_context(served([javascript, str(program)], **moved))
        for port in (products, users, inventory):
            wait_for_port(port)
        command = [str(binary), "--config", str(FOLDER / "router.yaml"), "--supergraph", str(file)]
        listeners = {"ROUTER_LISTEN": f"127.0.0.1:{router}", "ROUTER_HEALTH_LISTEN": f"127.0.0.1:{health}"}
        process = stack.enter_context(served(command, **listeners, APOLLO_TELEMETRY_DISABLED="true"))
        assert wait_ready(process, f"http://127.0.0.1:{health}/health", 60)
        return rows(javascript, products, moved)


def rows(javascript: str, products: int, moved: dict[str, str]) -> dict[str, bool]:
    """Runs the suite's tests. Returns for each row of its table whether all tests of the row have passed."""
    jest = str(FOLDER / "node_modules" / "jest" / "bin" / "jest.js")
    options = ["--ci", "--json", "--config", str(SUITE / "federation-jest.config.js")]
    environment = {**os.environ, **moved, "PRODUCTS_URL": f"http://127.0.0.1:{products}/"}
    done = subprocess.run(
        [javascript, jest, str(SUITE / "dist" / "tests"), *options], env=environment, capture_output=True, text=True
    )
    assert done.returncode <= 1, done.stderr
    found: dict[str, bool] = {}
    for one in [each for file in json.loads(done.stdout)["testResults"] for each in file["assertionResults"]]:
        row = (one["ancestorTitles"] or [one["fullName"]])[0]
        found[row] = found.get(row, True) and one["status"] == "passed"
        print("\n".join(one["failureMessages"]))
    return found


def test_every_row_that_the_router_supports_passes(results: dict[str, bool]) -> None:
    assert {row for row, passed in results.items() if not passed} == UNSUPPORTED
    assert len(results) == 15


def test_the_docs_have_the_table(results: dict[str, bool]) -> None:
    shown = re.findall(r"^\| `([^|]+)` \| (yes|no)", PAGE.read_text(), re.MULTILINE)
    assert dict(shown) == {row: "yes" if passed else "no" for row, passed in results.items()}
