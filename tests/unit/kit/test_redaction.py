"""What redaction takes out of a log line, and what it leaves."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from subgraphs.kit import telemetry
from subgraphs.kit.redaction import REDACTED, redacted

JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
REFRESH_TOKEN = "q9Z0v1cT3xUuJkR2b7mHnYw5sLdEoPfAgBiCjDkElFm"
HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g"
SECRETS = ["ada@example.com", "+49 30 1234567", "+49301234567", "030123456", JWT, REFRESH_TOKEN, HASH]


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_are_taken_out_of_text(secret: str) -> None:
    assert redacted(f"before {secret} after") == f"before {REDACTED} after"
    assert secret not in redacted(f"Account(value='{secret}', other=1)")


@pytest.mark.parametrize(
    "text",
    [
        'login(email: "a", password: "my pass")',
        'login(email: "a", password: "my \\"pass\\"")',
        "RegisterInput(password='my pass', name='Ada')",
        '{"password": "my pass"}',
        "password=mypass",
        "Authorization: Bearer mypass",
    ],
)
def test_the_values_of_telling_names_are_taken_out_of_text(text: str) -> None:
    assert "pass" not in redacted(text).replace("password", "")
    assert REDACTED in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02T03:04:05.123456Z",
        "0197f2a0-7a52-7c31-9d63-6f5f0a1c2b3d",
        "http://127.0.0.1:4101/graphql",
        "a_long_function_name_of_forty_three_letters",
        "OperationalError(2003, \"Can't connect to MySQL server on '127.0.0.1'\")",
    ],
)
def test_what_an_operator_needs_stays(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.usefixtures("logging_as_before")
@pytest.mark.parametrize("log_format", ["json", "text"])
def test_neither_the_store_nor_a_library_logs_locals_or_secrets(
    monkeypatch: pytest.MonkeyPatch, log_format: str
) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    telemetry.configure_logging("user", "INFO", log_format)
    try:
        _break(password="correct horse")
    except ValueError as error:
        telemetry.logger().error("unexpected", exc_info=error, token="correct horse", details={"email": "horse"})
        logging.getLogger("library").exception("failed for %s", "ada@example.com")
    lines = out.getvalue()
    assert lines.count("broken inside") >= 2
    assert "horse" not in lines
    assert "ada@" not in lines
    if log_format == "json":
        assert [json.loads(line)["service"] for line in lines.splitlines()] == ["user", "user"]


def _break(password: str) -> None:
    raise ValueError(f"broken inside, for ada@example.com after {len(password)}")
