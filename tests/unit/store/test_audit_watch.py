"""What the auditor shows as metrics."""

from prometheus_client import REGISTRY

from subgraphs.store.audit import watch
from subgraphs.store.audit.auditor import BUSY
from subgraphs.store.audit.invariant import Finding, When


def finding(name: str, when: When = When.ALWAYS, breaches: int = 0, skipped: str = "") -> Finding:
    return Finding(name, "It holds.", when, checked=1, breaches=breaches, skipped=skipped)


def shown(name: str, invariant: str) -> float | None:
    return REGISTRY.get_sample_value(f"steampunk_audit_{name}", {"invariant": invariant})


def test_breaches_are_shown_until_an_audit_finds_none() -> None:
    watch.show([finding("Bought", breaches=2)], 0.1)
    assert shown("breaches", "Bought") == 2

    watch.show([finding("Bought")], 0.1)
    assert shown("breaches", "Bought") == 0


def test_what_a_busy_store_has_not_finished_is_no_breach() -> None:
    busy = finding("Compared", When.ENDED, skipped=BUSY)
    watch.show([busy, finding("Ended", When.ENDED, breaches=3), finding("Always", breaches=1)], 0.1)

    assert shown("breaches", "Always") == 1
    assert shown("breaches", "Ended") is None
    assert shown("checked_timestamp_seconds", "Compared") is None

    under_way = finding("OutboxIsDrained", When.ENDED, breaches=1)
    watch.show([under_way, finding("Ended", When.ENDED, breaches=3)], 0.1)
    assert shown("breaches", "Ended") is None

    watch.show([finding("Compared", When.ENDED), finding("Ended", When.ENDED, breaches=3)], 0.1)
    assert shown("breaches", "Ended") == 3


def test_a_server_without_a_certificate_has_one_that_has_expired() -> None:
    assert watch.expiry("127.0.0.1:1") == 0
