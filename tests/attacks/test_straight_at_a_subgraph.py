"""Requests that no router would send, from someone on the inside who knows its secret, or not even that."""

import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.kit.web.body import MAX_BODY_BYTES
from tests.clients import Account, Metrics, SubgraphClient, Viewers
from tests.own_store import OwnStore

TOP_UP = 'mutation { topUp(amount: 100, idempotencyKey: "%s") { balance } }'
BALANCE = "{ me { wallet { balance } } }"
JSON = "application/json"
ENTITIES = {
    "user": ["User"],
    "product": ["Product"],
    "order": ["User", "Order"],
    "payment": ["User", "Order", "Payment"],
    "stock": ["User", "Product", "FlashSale", "Claim"],
    "library": ["User", "Product"],
}


@dataclass
class Attacker:
    """Sends raw requests to payment. Whatever they would have done, their wallet keeps its balance."""

    http: aiohttp.ClientSession
    payment: SubgraphClient
    secret: dict[str, str]
    viewer: Account

    async def post(self, body: bytes, **headers: str) -> tuple[int, Any]:
        """The status and the answer."""
        sent = self.secret | {"content-type": JSON, "authorization": f"Bearer {self.viewer.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.post(self.payment.url, data=io.BytesIO(body), headers=sent) as response:
            text = await response.text()
        return response.status, json.loads(text) if text else None

    async def refused(self, status: int, body: bytes, **headers: str) -> str:
        """The message of an answer that is an error with this status, and nothing more."""
        found, answer = await self.post(body, **headers)
        [error] = answer.pop("errors")
        assert (found, answer) == (status, {}), error
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        return str(error["message"])


@pytest.fixture
async def attacker(
    http: aiohttp.ClientSession, payment: SubgraphClient, viewers: Viewers, running: OwnStore
) -> AsyncIterator[Attacker]:
    attacker = Attacker(http, payment, running.store.settings.router_headers(), await viewers.user())
    yield attacker
    data = await payment.data(BALANCE, viewer=attacker.viewer)
    assert data == {"me": {"wallet": {"balance": 0}}}


def operation(**fields: Any) -> bytes:
    return json.dumps({"query": TOP_UP % "attack"} | fields).encode()


class TestBodies:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"\xff\xfe",
            b"null",
            b'"text"',
            b"[" * 100_000,
            b"[" + operation() + b"]",
            b"{}",
            operation(query=None),
            operation(query=7),
            operation(variables=[]),
            operation(variables="{}"),
            operation(operationName=1),
            operation(extensions=[]),
        ],
        ids=lambda body: body[:30].decode(errors="replace"),
    )
    async def test_what_is_no_operation_in_json_is_refused(self, attacker: Attacker, body: bytes) -> None:
        message = await attacker.refused(400, body)
        assert message.startswith("The body is not an operation in JSON: ")

    @pytest.mark.parametrize("name", ["Nothing", ""])
    async def test_an_operation_that_the_document_lacks_is_refused(self, attacker: Attacker, name: str) -> None:
        two = 'mutation A { topUp(amount: 1, idempotencyKey: "a") { balance } } query B { __typename }'
        await attacker.refused(400, operation(query=two, operationName=name))

    @pytest.mark.parametrize(
        "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", ""]
    )
    async def test_another_content_type_is_refused(self, attacker: Attacker, content_type: str) -> None:
        message = await attacker.refused(415, operation(), content_type=content_type)
        assert message == "The content type must be application/json in UTF-8."

    @pytest.mark.parametrize("encoding", ["br", "gzip", "deflate", "identity, br"])
    async def test_a_compressed_body_is_refused(self, attacker: Attacker, encoding: str) -> None:
        message = await attacker.refused(415, operation(), content_encoding=encoding)
        assert message == "The body must not be compressed."

    async def test_a_body_over_the_limit_is_refused(self, attacker: Attacker) -> None:
        large = operation(variables={"unused": "x" * MAX_BODY_BYTES})
        assert await attacker.refused(413, large) == f"The body has more than {MAX_BODY_BYTES} bytes."

    async def test_the_largest_body_is_read(self, attacker: Attacker) -> None:
        query = operation(query="{ __typename }")
        assert await attacker.post(query.ljust(MAX_BODY_BYTES)) == (200, {"data": {"__typename": "Query"}})


class TestCallers:
    @pytest.mark.parametrize("header", ["", "x-router-secret", "x-service-secret"])
    @pytest.mark.parametrize("name", SUBGRAPHS)
    async def test_a_stranger_gets_401_and_nothing_else(
        self, running: OwnStore, http: aiohttp.ClientSession, name: str, header: str
    ) -> None:
        sent = {header: "a guess"} if header else {}
        base = running.store.settings.base_url_of(name)
        bodies: list[Any] = [{"query": "{ __typename }"}, []]
        for body in bodies:
            async with http.post(f"{base}/graphql", json=body, headers=sent) as response:
                assert (response.status, await response.read()) == (401, b"")
        for path in ("/metrics", "/ready"):
            async with http.get(f"{base}{path}", headers=sent) as response:
                assert (response.status, await response.read()) == (401, b"")
        async with http.get(f"{base}/health", headers=sent) as response:
            assert (response.status, await response.json()) == (200, {"status": "alive"})

    @pytest.mark.parametrize("name", SUBGRAPHS)
    async def test_who_has_the_secret_reads_metrics_and_health(
        self, running: OwnStore, http: aiohttp.ClientSession, metrics: Metrics, name: str
    ) -> None:
        settings = running.store.settings
        async with http.get(f"{settings.base_url_of(name)}/ready", headers=settings.router_headers()) as response:
            assert await response.json() == {"database": "ok", "redis": "ok"}
        assert await metrics.value(name, "steampunk_requests_total") >= 0

    async def test_a_get_is_no_operation(self, attacker: Attacker) -> None:
        url = f"{attacker.payment.url}?query={TOP_UP % 'get'}"
        async with attacker.http.get(url, headers=attacker.secret) as response:
            assert response.status == 405


class TestStatus:
    """As GraphQL over HTTP has it."""

    WRONG = (
        {"query": "{"},
        {"query": "{ nothing }"},
        {"query": "query($id: ID!) { payment(id: $id) { id } }", "variables": {"id": None}},
        {"query": "{ " + "a: __typename " * 100 + "}"},
    )

    @pytest.mark.parametrize("operation", WRONG, ids=["syntax", "validation", "variables", "limits"])
    @pytest.mark.parametrize(
        ("accept", "status", "content_type"),
        [
            ("application/json", 200, "application/json"),
            ("*/*", 200, "application/json"),
            ("application/graphql-response+json", 400, "application/graphql-response+json; charset=utf-8"),
        ],
    )
    async def test_an_operation_that_is_refused_has_no_data(
        self, attacker: Attacker, operation: dict[str, Any], accept: str, status: int, content_type: str
    ) -> None:
        headers = attacker.secret | {"accept": accept}
        async with attacker.http.post(attacker.payment.url, json=operation, headers=headers) as response:
            answer = await response.json(content_type=None)
        assert (response.status, response.headers["content-type"]) == (status, content_type)
        assert set(answer) == {"errors"}

    async def test_an_operation_that_fails_while_it_runs_has_data(self, attacker: Attacker) -> None:
        headers = attacker.secret | {"accept": "application/graphql-response+json"}
        async with attacker.http.post(attacker.payment.url, json={"query": BALANCE}, headers=headers) as response:
            answer = await response.json(content_type=None)
        assert (response.status, answer["data"]) == (200, None)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]


class TestRepresentations:
    @pytest.mark.parametrize(("name", "entity"), [(name, one) for name, many in ENTITIES.items() for one in many])
    async def test_each_malformed_one_fails_alone(
        self, request: pytest.FixtureRequest, viewers: Viewers, name: str, entity: str
    ) -> None:
        client: SubgraphClient = request.getfixturevalue(name)
        good = {"__typename": entity, "id": "1", "more": {"keys": []}, "info": 1, "cls": 2, "self": 3}
        no_objects: list[Any] = ["text", 7, True, [], [[]], {}]
        no_ids: list[Any] = [{}, {"id": None}, {"id": 1}, {"id": []}, {"id": {"id": "1"}}, {"id": True}]
        malformed = no_objects + [{"__typename": entity} | no_id for no_id in no_ids]
        no_entities: list[Any] = ["Mutation", "", None, 7, [], {}]
        malformed += [{"__typename": typename, "id": "1"} for typename in no_entities]
        query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on {entity} {{ __typename }} }} }}"

        viewer = await viewers.user()
        answer = await client.run(query, {"r": [good, *malformed, good]}, viewer)

        errors = [(error["path"], error["extensions"]["code"]) for error in answer["errors"]]
        assert errors == [(["_entities", index + 1], "BAD_USER_INPUT") for index in range(len(malformed))]
        first, *refused, last = answer["data"]["_entities"]
        assert refused == [None] * len(malformed)
        assert first == last

    async def test_a_null_is_refused_as_a_whole(self, product: SubgraphClient) -> None:
        query = "query($r: [_Any!]!) { _entities(representations: $r) { __typename } }"
        assert await product.code(query, {"r": [None]}) == "BAD_USER_INPUT"
