"""One trace from a client's checkout to the library's grant, as a collector receives it."""

import base64
import gzip
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import aiohttp
import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from router.process import NodeGateway
from tests.clients import Account, Client, Games, SubgraphClient, Viewers, eventually
from tests.own_store import QUICK, OwnStore, own_store
from tests.shop import CHECKOUT, Shop

GRANT = ("library", "sql INSERT")


@dataclass(frozen=True)
class Span:
    """A span that the collector has received."""

    service: str
    name: str
    trace: str
    id: str
    parent: str


@dataclass
class Collector:
    """Takes spans by OTLP over HTTP."""

    url: str = ""
    spans: dict[str, Span] = field(default_factory=dict)

    def take(self, content_type: str, body: bytes) -> None:
        """Takes what the router sends as protobuf, and subgraphs as JSON."""
        if content_type == "application/json":
            sent = json_format.Parse(with_ids_in_base64(body), ExportTraceServiceRequest())
        else:
            sent = ExportTraceServiceRequest.FromString(body)
        for resource in sent.resource_spans:
            names = {one.key: one.value.string_value for one in resource.resource.attributes}
            for scope in resource.scope_spans:
                for one in scope.spans:
                    ids = one.trace_id.hex(), one.span_id.hex(), one.parent_span_id.hex()
                    self.spans[ids[1]] = Span(names["service.name"], one.name, *ids)

    def of(self, trace: str) -> list[Span]:
        return [span for span in list(self.spans.values()) if span.trace == trace]

    def way(self, span: Span) -> list[tuple[str, str]]:
        """A span and those around it, as far as they are known: services and names, the root first."""
        parent = self.spans.get(span.parent)
        return [*(self.way(parent) if parent else []), (span.service, span.name)]


def with_ids_in_base64(body: bytes) -> str:
    """OTLP writes ids in hex, where protobuf's own JSON has base64."""

    def encoded(found: re.Match[str]) -> str:
        return f'"{found[1]}":"{base64.b64encode(bytes.fromhex(found[2])).decode()}"'

    return re.sub(r'"(traceId|spanId|parentSpanId)":"([0-9a-f]+)"', encoded, body.decode())


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    collecting = Collector()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            body = gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body
            collecting.take(self.headers["content-type"], body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    collecting.url = f"http://127.0.0.1:{server.server_port}"
    yield collecting
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def traced(engine: str, collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStore]:
    """A store that sends every trace to the collector."""
    tracing = {"STEAMPUNK_TRACES": "true", "STEAMPUNK_TRACES_SHARE": "1", "STEAMPUNK_TRACES_URL": collector.url}
    with own_store(engine, tmp_path_factory.mktemp("traced"), QUICK | tracing) as store:
        yield store


@pytest.fixture(scope="module")
async def shopping(traced: OwnStore, http: aiohttp.ClientSession) -> Shop:
    viewers = Viewers(await traced.signer())
    product = SubgraphClient(http, traced.settings.url_of("product"), traced.store.settings.secrets())
    client = Client(http, traced.store.settings.graphql_url, {})
    return Shop(client, viewers, Games(product, await viewers.developer()))


async def test_one_trace_leads_from_the_checkout_to_the_librarys_grant(
    traced: OwnStore, shopping: Shop, collector: Collector, http: aiohttp.ClientSession
) -> None:
    if isinstance(traced.store.gateway, NodeGateway):
        pytest.skip("the Node gateway sends no traces")
    trace = await checkout(http, traced, await shopping.customer(), await shopping.games.new())

    async def ways() -> set[tuple[tuple[str, str], ...]]:
        """The way to each span, once all have arrived: then they have one root, and end at the library."""
        found = {tuple(collector.way(span)) for span in collector.of(trace)}
        is_whole = {way[0] for way in found} == {("router", "mutation")} and any(way[-1] == GRANT for way in found)
        return found if is_whole else set()

    found = await eventually(ways, 60)
    (way,) = [way for way in found if way[-1] == GRANT]
    buying = ("payment", "checkout"), ("payment", "batch checkout")
    assert way[-4:] == (*buying, ("library", "apply events"), GRANT)
    assert {("order", "placeCheckoutOrders"), ("payment", "send events"), ("payment", "sql UPDATE")} <= {
        way[-1] for way in found if buying[1] in way
    }


async def checkout(http: aiohttp.ClientSession, store: OwnStore, customer: Account, game: str) -> str:
    """Buys a game; the trace, which is also the request's id."""
    body = {"query": CHECKOUT, "variables": {"input": {"idempotencyKey": str(uuid.uuid4()), "productIds": [game]}}}
    headers = {"authorization": f"Bearer {customer.token}"}
    async with http.post(store.store.settings.graphql_url, json=body, headers=headers) as answer:
        assert (await answer.json())["data"]["checkout"]["__typename"] == "Payment"
        return uuid.UUID(answer.headers["x-request-id"]).hex


async def test_a_subgraph_traces_what_the_router_has_chosen(
    traced: OwnStore, collector: Collector, http: aiohttp.ClientSession
) -> None:
    secrets = traced.store.settings.secrets()
    chosen, other = uuid.uuid4().hex, uuid.uuid4().hex
    for trace, flag in ((other, "00"), (chosen, "01")):
        headers = {
            "x-router-secret": secrets["STEAMPUNK_ROUTER_SECRET"],
            "traceparent": f"00-{trace}-{'1' * 16}-{flag}",
        }
        async with http.post(
            traced.settings.url_of("product"), json={"query": "{ __typename }"}, headers=headers
        ) as answer:
            assert answer.status == 200

    async def arrived() -> bool:
        return bool(collector.of(chosen))

    await eventually(arrived, 60)
    assert not collector.of(other)
