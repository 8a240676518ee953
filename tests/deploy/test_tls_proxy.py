"""The TLS proxy of deploy/tls.yml, with HAProxy itself in front of a server that tells what it was sent."""

import http.client
import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from subgraphs.store.audit.watch import expiry
from subgraphs.store.processes import Program
from tests.haproxy import HAPROXY
from tests.ports import reserved_ports

DEPLOY = Path(__file__).parents[2] / "deploy"
CONFIGURATION = DEPLOY / "haproxy.cfg"

needs_haproxy = pytest.mark.skipif(HAPROXY is None, reason="HAProxy is not installed (apt install haproxy)")


class Router(BaseHTTPRequestHandler):
    """Stands for the router: healthy, and answers with the headers that reached it."""

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


class Live(BaseHTTPRequestHandler):
    """Stands for the live numbers: an event, and another one once the first has been read."""

    first_is_read = Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"data: first\n\n")
        assert self.first_is_read.wait(30)
        self.wfile.write(b"data: second\n\n")

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def override() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((DEPLOY / "tls.yml").read_text())["services"]
    return parsed


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string("CN=localhost")
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    encodings = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = tmp_path_factory.mktemp("tls") / "store.pem"
    file.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(encodings[0]) + key.private_bytes(*encodings))
    return file


@pytest.fixture(scope="module")
def proxy(certificate: Path) -> Iterator[tuple[int, int]]:
    """A running proxy: its ports for HTTP and HTTPS."""
    with reserved_ports() as (plain, secure, behind, schema, live, *_):
        server = ThreadingHTTPServer(("127.0.0.1", behind), Router)
        Thread(target=server.serve_forever, daemon=True).start()
        listened = ThreadingHTTPServer(("127.0.0.1", live), Live)
        Thread(target=listened.serve_forever, daemon=True).start()
        environment = {
            **os.environ,
            "PROXY_HTTP": f"127.0.0.1:{plain}",
            "PROXY_HTTPS": f"127.0.0.1:{secure}",
            "PROXY_CERTIFICATE": str(certificate),
            "PROXY_ROUTER": f"127.0.0.1:{behind}",
            "PROXY_SCHEMA": f"127.0.0.1:{schema}",
            "PROXY_LIVE": f"127.0.0.1:{live}",
            "PROXY_HEALTH_PORT": str(behind),
            "PROXY_PAYMENT": f"127.0.0.1:{behind}",
        }
        serving = [sys.executable, "-m", "uvicorn", "--factory", "router.schema_file:create_app", "--port", str(schema)]
        file = Program("schema", serving, environment, certificate.parent)
        command = [str(HAPROXY), "-db", "-f", str(CONFIGURATION)]
        child = Program("haproxy", command, environment, certificate.parent)
        child.wait_until(lambda: _status(secure, certificate, "/graphql") == 200, 30)
        yield plain, secure
        child.stop()
        file.stop()
        for one in (server, listened):
            one.shutdown()
            one.server_close()


def _status(port: int, certificate: Path, path: str) -> int:
    try:
        return _answer(port, certificate, path)[0]
    except OSError:
        return 0


def _answer(
    port: int, certificate: Path, path: str, method: str = "POST", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    trusting = ssl.create_default_context(cafile=str(certificate))
    connection = http.client.HTTPSConnection("localhost", port, context=trusting, timeout=30)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, b"{}" if method == "POST" else None, sent)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, body


@needs_haproxy
def test_haproxy_accepts_the_configuration_with_the_containers_variables(
    override: dict[str, Any], certificate: Path
) -> None:
    variables = {**override["proxy"]["environment"], "PROXY_CERTIFICATE": str(certificate)}
    command = [str(HAPROXY), "-c", "-f", str(CONFIGURATION)]
    done = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "[WARNING]" not in done.stderr


@needs_haproxy
def test_an_operation_travels_encrypted_and_with_the_true_address(proxy: tuple[int, int], certificate: Path) -> None:
    forged = {"x_client_address": "6.6.6.6", "x_forwarded_for": "6.6.6.6"}
    status, headers, body = _answer(proxy[1], certificate, "/graphql", **forged)
    reached = json.loads(body)

    assert (status, headers["strict-transport-security"]) == (200, "max-age=31536000")
    assert reached["x-client-address"] == "127.0.0.1"
    assert "x-forwarded-for" not in reached


@needs_haproxy
def test_nothing_but_graphql_the_schema_and_the_providers_messages_come_through(
    proxy: tuple[int, int], certificate: Path
) -> None:
    paths = (
        "/",
        "/metrics",
        "/health",
        "/schema",
        "/schema.graphql/",
        "/supergraph.graphql",
        "/webhooks",
        "/sales/1/2/live",
        "/sales/1/live/",
    )
    assert [_status(proxy[1], certificate, path) for path in paths] == [404] * len(paths)
    assert [_status(proxy[1], certificate, path) for path in ("/graphql", "/webhooks/top-ups")] == [200] * 2


@needs_haproxy
def test_the_clients_schema_can_be_downloaded(proxy: tuple[int, int], certificate: Path) -> None:
    def answer() -> tuple[int, bytes]:
        status, _, body = _answer(proxy[1], certificate, "/schema.graphql", "GET")
        return status, body

    until = time.monotonic() + 30
    while answer()[0] == 503 and time.monotonic() < until:  # its server is starting
        time.sleep(0.1)
    assert answer() == (200, (DEPLOY.parent / "schema" / "api.graphql").read_bytes())


@needs_haproxy
def test_the_auditor_sees_when_the_certificate_expires(proxy: tuple[int, int]) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).timestamp()

    assert expiry(f"127.0.0.1:{proxy[1]}") == pytest.approx(tomorrow, abs=3600)


@needs_haproxy
def test_an_event_comes_through_before_the_next_one_is_there(proxy: tuple[int, int], certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    connection = http.client.HTTPSConnection("localhost", proxy[1], context=trusting, timeout=30)
    connection.request("GET", "/sales/some-id/live")
    response = connection.getresponse()
    assert (response.status, response.getheader("content-type")) == (200, "text/event-stream")
    assert response.readline() == b"data: first\n"
    Live.first_is_read.set()
    assert response.read() == b"\ndata: second\n\n"
    connection.close()


@needs_haproxy
def test_a_client_without_tls_is_sent_to_tls(proxy: tuple[int, int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy[0], timeout=30)
    connection.request("POST", "/graphql", b"{}", {"host": "store.example"})
    response = connection.getresponse()
    response.read()
    connection.close()

    assert (response.status, response.getheader("location")) == (308, "https://store.example/graphql")


def test_the_header_is_trusted_where_the_proxy_writes_it(override: dict[str, Any]) -> None:
    trusting = {
        name for name, one in override.items() if "STEAMPUNK_CLIENT_ADDRESS_HEADER" in one.get("environment", {})
    }
    (header,) = {override[name]["environment"]["STEAMPUNK_CLIENT_ADDRESS_HEADER"] for name in trusting}

    assert trusting == {"router", "user"}
    assert f"http-request set-header {header} %[src]" in CONFIGURATION.read_text()


def test_the_proxy_reaches_the_router_and_the_schema(override: dict[str, Any], services: dict[str, Any]) -> None:
    variables, router = override["proxy"]["environment"], services["router"]["environment"]

    assert variables["PROXY_ROUTER"].split(":")[1] == router["ROUTER_LISTEN"].split(":")[1]
    assert variables["PROXY_SCHEMA"] == f"schema:{services['schema']['command'][-1]}"
    assert variables["PROXY_LIVE"] == f"live:{services['live']['command'][-1]}"
    assert variables["PROXY_HEALTH_PORT"] == router["ROUTER_HEALTH_LISTEN"].split(":")[1]
    for source, _, _ in (volume.split(":") for volume in override["proxy"]["volumes"]):
        assert (DEPLOY.parent / source).exists() or source == "./deploy/certificates", source
