"""`python -m subgraphs audit --every 300`: audits again and again, and shows the verdicts as metrics."""

import asyncio
import ssl
import time
from collections.abc import Sequence
from typing import NoReturn

from cryptography import x509
from prometheus_client import Counter, Gauge, start_http_server
from sqlalchemy.exc import SQLAlchemyError

from subgraphs.kit.settings import Settings
from subgraphs.store.audit.auditor import BUSY, INVARIANTS, audit
from subgraphs.store.audit.command import print_verdict
from subgraphs.store.audit.events import OutboxIsDrained
from subgraphs.store.audit.invariant import Finding, Invariant, When
from subgraphs.store.audit.sagas import NoSagaIsStuck

BREACHES = Gauge(
    "steampunk_audit_breaches", "Rows that break an invariant, as the last audit that checked it found.", ["invariant"]
)
CHECKED_AT = Gauge(
    "steampunk_audit_checked_timestamp_seconds",
    "When an invariant was checked last, as a Unix time. Some can be checked only when the store comes to rest.",
    ["invariant"],
)
ENDED_AT = Gauge("steampunk_audit_ended_timestamp_seconds", "When the last audit ended with a verdict, as a Unix time.")
SECONDS = Gauge("steampunk_audit_seconds", "How long it took.")
FAILURES = Counter("steampunk_audit_failures_total", "Audits without a verdict: a database did not answer.")
CERTIFICATE = Gauge(
    "steampunk_certificate_expires_timestamp_seconds",
    "When the certificate that a server shows expires, as a Unix time; 0 if it does not answer.",
    ["server"],
)

TLS_SECONDS = 10
PENDING = {NoSagaIsStuck.__name__, OutboxIsDrained.__name__}
"""Invariants that a busy store breaks for a moment. The subgraphs have metrics of how long that takes."""


def watch(settings: Settings, wait: float, every: float, port: int, server: str) -> NoReturn:
    """Starts an audit every `every` seconds until the process ends, and serves the results at `/metrics` of `port`.

    `server`, as host:port, is asked for its certificate; empty for none.
    """
    _begin(INVARIANTS)
    start_http_server(port, settings.host)
    while True:
        started = time.monotonic()
        if server:
            CERTIFICATE.labels(server).set(expiry(server))
        try:
            findings = asyncio.run(audit(settings, wait=wait))
        except (SQLAlchemyError, OSError) as error:
            FAILURES.inc()
            print(f"No audit: {error}", flush=True)
        else:
            show(findings, time.monotonic() - started)
        time.sleep(max(0.0, started + every - time.monotonic()))


def show(findings: Sequence[Finding], seconds: float) -> None:
    """Sets the metrics. In a busy store, what is unfinished may still be under way: it counts as no breach."""
    checked = _verdicts(findings)
    now = time.time()
    for finding in checked:
        BREACHES.labels(finding.invariant).set(finding.breaches)
        CHECKED_AT.labels(finding.invariant).set(now)
    ENDED_AT.set(now)
    SECONDS.set(seconds)
    print_verdict(checked, seconds)


def _verdicts(findings: Sequence[Finding]) -> list[Finding]:
    is_busy = any(one.skipped == BUSY or (one.invariant in PENDING and one.breaches) for one in findings)
    return [one for one in findings if not one.skipped and not (is_busy and one.when is When.ENDED)]


def _begin(invariants: Sequence[Invariant]) -> None:
    """Has the metrics exist before the first audit ends; until then times are those of the start."""
    now = time.time()
    ENDED_AT.set(now)
    for one in invariants:
        BREACHES.labels(type(one).__name__)
        CHECKED_AT.labels(type(one).__name__).set(now)


def expiry(server: str) -> float:
    """When the certificate that host:port shows expires, as a Unix time; 0 if it shows none."""
    host, _, port = server.rpartition(":")
    try:
        shown = ssl.get_server_certificate((host, int(port)), timeout=TLS_SECONDS)
        return x509.load_pem_x509_certificate(shown.encode()).not_valid_after_utc.timestamp()
    except (OSError, ValueError) as error:
        print(f"{server} shows no certificate: {error}", flush=True)
        return 0.0
