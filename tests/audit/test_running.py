"""The auditor on a running store."""

from subgraphs.kit.settings import Settings
from subgraphs.store.audit import When, audit


async def test_a_store_with_a_history_is_clean(audited: Settings) -> None:
    findings = await audit(audited, wait=30)
    assert [finding for finding in findings if not finding.is_clean] == []
    # There were rows to check for every invariant, except that outboxes are empty at rest.
    assert [one.invariant for one in findings if not one.checked] == ["OutboxIsDrained"]


async def test_what_holds_at_any_time_is_checked_at_once(audited: Settings) -> None:
    findings = await audit(audited, always_only=True)
    assert {finding.when for finding in findings} == {When.ALWAYS}
    assert [finding for finding in findings if not finding.is_clean] == []
