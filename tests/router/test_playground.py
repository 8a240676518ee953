"""The playground's server: its settings, its reader of plans, and the tour's operations, which fit the schema."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse, print_ast

from router.client import request_plan
from router.page_build import PAGE
from router.process import ROUTER, SUPERGRAPH, Gateway, NodeGateway, free_ports, running
from tests.router.conftest import wait_for_port

ACCOUNTS = '[{"email": "ada@example.org"}]'
OPERATIONS = sorted(PAGE.glob("src/tour/operations/*.graphql"))
LATER = "{ me { name library { id ... @defer { title } } } }"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of the playground. Its page, which nothing here asks for, is not built."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "uvicorn", "--factory", "router.playground:create_app", "--lifespan=off"]
    settings = {"STEAMPUNK_GRAPHQL_URL": "http://store.test/graphql", "STEAMPUNK_PLAYGROUND_ACCOUNTS": ACCOUNTS}
    process = subprocess.Popen(
        [*command, "--port", str(port)], env={**os.environ, **settings}, cwd=ROUTER.parent, stderr=subprocess.DEVNULL
    )
    try:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def test_the_page_is_told_the_endpoint_and_the_accounts(server: str) -> None:
    with urllib.request.urlopen(f"{server}/config.json", timeout=10) as response:
        told = json.load(response)
    assert told == {"endpoint": "http://store.test/graphql", "live": "", "accounts": json.loads(ACCOUNTS)}


def test_the_clients_schema_can_be_downloaded(server: str) -> None:
    with urllib.request.urlopen(f"{server}/schema.graphql", timeout=10) as response:
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert response.read() == (SUPERGRAPH.parent / "api.graphql").read_bytes()


def test_a_plan_is_read_for_drawing(server: str, endpoint: str) -> None:
    drawing = drawn(server, request_plan("{ me { name library { title } } }", {}, endpoint))
    assert (drawing["fetches"], drawing["stages"]) == (2, 2)
    sequence = drawing["root"]
    assert sequence["kind"] == "sequence"
    first, second = sequence["children"]
    assert (first["subgraph"], first["path"], first["requires"]) == ("user", None, None)
    assert (second["subgraph"], second["path"], second["requires"]) == ("product", "me.library.@", "Product { id }")
    assert "_entities(representations: $representations) {\n" in second["operation"]


def test_a_deferred_part_is_a_later_stage(server: str, router_endpoint: str) -> None:
    drawing = drawn(server, request_plan(LATER, {}, router_endpoint))
    assert drawing["root"]["kind"] == "defer"
    primary, deferred = drawing["root"]["children"]
    assert [primary["title"], deferred["title"]] == ["Primary", "Deferred me.library"]
    assert drawing["stages"] == 2


def test_an_operation_that_calls_no_subgraph_has_an_empty_drawing(server: str, endpoint: str) -> None:
    assert drawn(server, request_plan("{ __typename }", {}, endpoint)) == {"fetches": 0, "stages": 0, "root": None}


@pytest.mark.parametrize("body", ["", "[]", '{"node": {"kind": "Nothing"}}'])
def test_anything_else_is_no_plan(server: str, body: str) -> None:
    status, answer = read(server, body)
    assert status == 400
    assert answer["error"].startswith("This is not a query plan")


@pytest.fixture(scope="module")
def store_endpoint(gateway: Gateway) -> Iterator[str]:
    """A gateway on the store's own supergraph, for planning."""
    with running(gateway, SUPERGRAPH, {"STEAMPUNK_ROUTER_SECRET": "no subgraph is called"}) as url:
        yield url


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
def test_the_tours_operations_fit_the_schema(path: Path, store_endpoint: str, gateway: Gateway) -> None:
    operation = path.read_text()
    if "@defer" in operation and isinstance(gateway, NodeGateway):
        pytest.skip("the Node gateway has no @defer")
    (definition,) = parse(operation).definitions
    assert isinstance(definition, OperationDefinitionNode)
    assert definition.name
    assert definition.name.value == path.stem
    values: dict[str, Any] = {
        "CheckoutInput": {"idempotencyKey": "k", "productIds": ["1"]},
        "PlaceOrderInput": {"idempotencyKey": "k", "productIds": ["1"]},
    }
    given = {
        one.variable.name.value: values.get(print_ast(one.type).rstrip("!"), "x")
        for one in definition.variable_definitions or ()
    }
    assert request_plan(operation, given, store_endpoint)["object"]["node"]


def drawn(server: str, plan: Any) -> dict[str, Any]:
    status, drawing = read(server, json.dumps(plan["object"]))
    assert status == 200, drawing
    return drawing


def read(server: str, body: str) -> tuple[int, dict[str, Any]]:
    """The status and the answer of the reader of plans."""
    try:
        with urllib.request.urlopen(f"{server}/plan", body.encode(), timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
