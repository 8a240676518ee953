"""The headers that both gateways send to subgraphs, and the responses that clients get."""

import json
import subprocess
import urllib.error
import urllib.request
import uuid
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from router.node import install
from router.process import (
    CONFIGURATION,
    SUPERGRAPH,
    ApolloRouter,
    Gateway,
    NodeGateway,
    RouterStopped,
    environment,
    running,
)

JSON = {"content-type": "application/json"}


def post(url: str, body: object, headers: dict[str, str] | None = None) -> tuple[int, Message, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, JSON | (headers or {}))
    try:
        response = urllib.request.urlopen(request, timeout=20)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return response.status, response.headers, json.loads(response.read())


def errors(url: str, body: object) -> list[dict[str, Any]]:
    return list(post(url, body)[2]["errors"])


def codes(url: str, query: str) -> list[tuple[str, str | None]]:
    extensions = [error["extensions"] for error in errors(url, {"query": query})]
    return [(each["code"], each.get("routerCode")) for each in extensions]


def is_uuid(text: str) -> bool:
    return str(uuid.UUID(text)) == text


def received(url: str, headers: dict[str, str]) -> tuple[dict[str, str], Message]:
    """The headers that the subgraph received, and those of the response."""
    _, response_headers, body = post(url, {"query": "{ headers }"}, headers)
    return json.loads(body["data"]["headers"]), response_headers


@pytest.mark.parametrize("settings", [{}, {"ROUTER_LOG_FORMAT": "json", "ROUTER_CORS_ANY_ORIGIN": "true"}])
def test_configuration_is_valid(router: ApolloRouter, settings: dict[str, str]) -> None:
    env = environment({"STEAMPUNK_ROUTER_SECRET": "s", **settings})
    subprocess.run([router.binary, "config", "validate", CONFIGURATION], env=env, check=True, capture_output=True)


def test_introspection_and_query_plans_can_be_turned_off(gateway: Gateway, subgraphs: str) -> None:
    small = Path(__file__).parent / "supergraph.graphql"
    addresses = {"STEAMPUNK_USER_URL": f"{subgraphs}/user", "STEAMPUNK_PRODUCT_URL": f"{subgraphs}/product"}
    settings = {
        "STEAMPUNK_ROUTER_SECRET": "s",
        "ROUTER_INTROSPECTION": "false",
        "ROUTER_QUERY_PLANS": "false",
        **addresses,
    }
    with running(gateway, small, settings) as url:
        [(code, _)] = codes(url, "{ __schema { queryType { name } } }")
        answer = post(url, {"query": "{ headers }"}, {"Apollo-Expose-Query-Plan": "true"})[2]

    assert code == "FORBIDDEN"
    assert answer["data"]["headers"]
    assert "extensions" not in answer


def test_router_does_not_start_without_its_secret(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEAMPUNK_ROUTER_SECRET", raising=False)
    small = Path(__file__).parent / "supergraph.graphql"
    with pytest.raises(RouterStopped, match="STEAMPUNK_ROUTER_SECRET"), running(gateway, small, {}):
        pass


def test_the_node_gateway_does_not_start_in_production() -> None:
    small = Path(__file__).parent / "supergraph.graphql"
    settings = {"STEAMPUNK_ROUTER_SECRET": "s", "STEAMPUNK_MODE": "production"}
    with pytest.raises(RouterStopped, match="for development"), running(install(print), small, settings):
        pass


def test_only_named_headers_reach_a_subgraph(endpoint: str) -> None:
    sent = {
        "authorization": "Bearer t",
        "x-service-secret": "forged",
        "x-router-secret": "forged",
        "cookie": "c",
    }
    got, _ = received(endpoint, sent)
    assert got["authorization"] == "Bearer t"
    assert got["x-router-secret"] == "the router's secret"
    assert not {"x-service-secret", "cookie"} & got.keys()


def test_each_request_gets_an_id_that_subgraph_and_client_receive(endpoint: str) -> None:
    got, response_headers = received(endpoint, {})
    assert is_uuid(got["x-request-id"])
    assert got["x-request-id"] == response_headers["x-request-id"]
    other, _ = received(endpoint, {})
    assert other["x-request-id"] != got["x-request-id"]


def test_the_clients_request_id_is_kept_if_it_is_a_uuid(endpoint: str) -> None:
    own = str(uuid.uuid4())
    got, response_headers = received(endpoint, {"x-request-id": own})
    assert got["x-request-id"] == response_headers["x-request-id"] == own
    replaced, _ = received(endpoint, {"x-request-id": "not an id"})
    assert is_uuid(replaced["x-request-id"])


def test_a_subgraphs_errors_keep_only_the_contracts_extensions(endpoint: str) -> None:
    (error,) = errors(endpoint, {"query": '{ fail(code: "NOT_FOUND") }'})
    assert error["message"] == "asked to fail"
    fields = {"field": "code", "fields": [{"field": "code", "message": "asked to fail"}]}
    assert error["extensions"] == {"code": "NOT_FOUND", "requestId": "r-1", "retryAfter": 3, **fields}


@pytest.mark.parametrize(("query", "own"), [("{ fail }", None), ('{ fail(code: "ODD") }', "ODD")])
def test_an_error_without_a_contract_code_reveals_nothing(endpoint: str, query: str, own: str | None) -> None:
    _, headers, body = post(endpoint, {"query": query.replace("}", "me { name } }")})
    (error,) = body["errors"]
    assert body["data"] == {"fail": None, "me": {"name": "Ada"}}
    assert error["message"] == "Something went wrong on our side."
    expected = {"code": "INTERNAL", "requestId": headers["x-request-id"], "routerCode": own}
    assert error["extensions"] == {key: value for key, value in expected.items() if value}


@pytest.mark.parametrize(
    ("body", "code", "own"),
    [
        ({"query": "{ nope }"}, "BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{ me {"}, "BAD_USER_INPUT", "PARSING_ERROR"),
        (
            {"query": "query($i: ID!) { product(id: $i) { id } }"},
            "BAD_USER_INPUT",
            "VALIDATION_INVALID_TYPE_VARIABLE",
        ),
        (
            {"query": "query A { __typename }", "operationName": "B"},
            "BAD_USER_INPUT",
            "GRAPHQL_UNKNOWN_OPERATION_NAME",
        ),
        ({"query": ""}, "BAD_USER_INPUT", "MISSING_QUERY_STRING"),
        (b"{nope", "BAD_USER_INPUT", "INVALID_GRAPHQL_REQUEST"),
        ([{"query": "{ me { name } }"}], "BAD_USER_INPUT", "BATCHING_NOT_ENABLED"),
        ({"query": "{ me { name ... @defer { library { title } } } }"}, "BAD_USER_INPUT", "DEFER_BAD_HEADER"),
        ({"query": "{ me {" + " name" * 6000 + " } }"}, "QUERY_TOO_COMPLEX", "PARSING_ERROR"),
        ({"query": "{ me " * 200 + "}" * 200}, "QUERY_TOO_COMPLEX", "PARSING_ERROR"),
        (
            {"query": "{ __schema { types" + " { fields { type" * 3 + " { name }" + " } }" * 3 + " } }"},
            "QUERY_TOO_COMPLEX",
            None,
        ),
    ],
)
def test_the_gateways_own_errors_have_the_contracts_codes(
    gateway: Gateway, endpoint: str, body: object, code: str, own: str | None
) -> None:
    status, headers, answer = post(endpoint, body)
    assert answer["errors"]
    for error in answer["errors"]:
        assert error["extensions"]["code"] == code
        assert error["extensions"].get("routerCode") == own or isinstance(gateway, NodeGateway)
        assert error["message"]
    assert status in (200, 400, 406)
    assert headers["content-type"].startswith("application/json")
    assert is_uuid(headers["x-request-id"])


def test_validation_errors_are_in_the_order_of_the_query(endpoint: str) -> None:
    found = errors(endpoint, {"query": "{ one me { two } three four }"})
    columns = [error["locations"][0]["column"] for error in found]
    assert columns == sorted(columns)
    assert len(columns) >= 4


def test_an_unknown_persisted_query_keeps_its_code(endpoint: str) -> None:
    asked = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "a" * 64}}}
    assert [error["extensions"]["code"] for error in errors(endpoint, asked)] == ["PERSISTED_QUERY_NOT_FOUND"]


def test_a_slow_subgraph_is_unavailable(endpoint: str) -> None:
    assert codes(endpoint, "{ slow }") == [("UNAVAILABLE", "GATEWAY_TIMEOUT")]


def test_a_subgraph_that_is_down_is_unavailable(broken_endpoint: str) -> None:
    (error,) = errors(broken_endpoint, {"query": "{ product(id: 1) { title } }"})
    assert error["extensions"]["code"] == "UNAVAILABLE"
    assert "127.0.0.1" not in error["message"]


def test_a_subgraphs_own_error_replaces_its_http_error(broken_endpoint: str) -> None:
    assert codes(broken_endpoint, "{ me { name } }") == [("QUERY_TOO_COMPLEX", None)]


def test_a_body_over_the_limit_is_rejected(gateway: Gateway, endpoint: str) -> None:
    """The router rejects it by its announced length, the Node gateway after reading it."""
    address = urlsplit(endpoint)
    connection = HTTPConnection(address.netloc, timeout=20)
    connection.putrequest("POST", address.path)
    for name, value in {**JSON, "content-length": "1000001"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    if isinstance(gateway, NodeGateway):
        connection.send(b" " * 1_000_001)
    assert connection.getresponse().status == 413
    connection.close()


def test_a_form_from_another_site_is_rejected(endpoint: str) -> None:
    status, _, answer = post(endpoint, {"query": "{ me { name } }"}, {"content-type": "text/plain"})
    assert status == 400
    assert "data" not in answer


def test_only_the_playgrounds_origin_may_read_responses(endpoint: str) -> None:
    allowed = {}
    for origin in ("http://playground.test", "http://elsewhere.test"):
        _, headers, _ = post(endpoint, {"query": "{ me { name } }"}, {"origin": origin})
        allowed[origin] = headers["access-control-allow-origin"]
    assert allowed == {"http://playground.test": "http://playground.test", "http://elsewhere.test": None}


@pytest.mark.skipif(not SUPERGRAPH.exists(), reason="schema/supergraph.graphql has not been composed")
def test_the_committed_supergraph_is_served(gateway: Gateway) -> None:
    with running(gateway, SUPERGRAPH, {"STEAMPUNK_ROUTER_SECRET": "s"}) as url:
        _, _, answer = post(url, {"query": '{ __type(name: "User") { name } }'})
    assert answer == {"data": {"__type": {"name": "User"}}}
