"""The playground is complete, needs no other host, and has valid samples."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest

from router.client import request_plan
from router.process import ROUTER, SUPERGRAPH, Gateway, free_ports, running
from tests.router.conftest import wait_for_port

PAGE = ROUTER / "page"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    (port,) = free_ports(1)
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "--factory", "router.playground:create_app", "--port", str(port)],
        env={**os.environ, "STEAMPUNK_GRAPHQL_URL": "http://store.test/graphql"},
        cwd=ROUTER.parent,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def fetch(url: str) -> tuple[str, str]:
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.headers["content-type"], response.read().decode()


def test_the_page_and_its_files_are_served(address: str) -> None:
    kind, page = fetch(address)
    assert kind.startswith("text/html")
    named = re.findall(r'(?:src|href)="([^":]+)"', page)
    named += re.findall(r'from "\./([^"]+)"', "".join(fetch(address + name)[1] for name in named))
    assert {"style.css", "app.js", "docs.js", "samples.js"} == set(named)
    for name in named:
        assert fetch(address + name)[1] == (PAGE / name).read_text()


def test_the_page_needs_no_other_host() -> None:
    for file in PAGE.iterdir():
        assert not re.findall(r"https?://", file.read_text()), file


def test_the_endpoint_is_a_setting(address: str) -> None:
    assert json.loads(fetch(address + "config.json")[1]) == {"endpoint": "http://store.test/graphql"}


@pytest.mark.skipif(not SUPERGRAPH.exists(), reason="schema/supergraph.graphql has not been composed")
def test_every_sample_is_valid_against_the_schema(gateway: Gateway) -> None:
    source = (PAGE / "samples.js").read_text() + (PAGE / "app.js").read_text()
    operations = re.findall(r"`((?:query|mutation) .*?)`", source, re.DOTALL)
    variables = {
        "search": "a",
        "first": 1,
        "productId": "1",
        "amount": 1,
        "idempotencyKey": "k",
        "email": "e",
    }
    inputs = {
        "CheckoutInput": {"idempotencyKey": "k", "productIds": ["1"]},
        "RegisterInput": {"email": "e@example.org", "password": "p", "name": "n"},
    }
    assert len(operations) >= 8
    with running(gateway, SUPERGRAPH, {"STEAMPUNK_ROUTER_SECRET": "s"}) as url:
        for operation in operations:
            wanted = dict(re.findall(r"\$(\w+): (\w+)", operation.split("{")[0]))
            given = {name: inputs.get(kind) or variables.get(name, "x") for name, kind in wanted.items()}
            assert request_plan(operation, given, url)["object"]["node"]
