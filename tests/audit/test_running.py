"""The auditor on a running store."""

from subgraphs.kit.settings import Settings
from subgraphs.store.audit import When, audit


async def test_a_store_in_which_much_has_happened_is_clean(audited: Settings) -> None:
    findings = await audit(audited, settle=30)
    assert [finding for finding in findings if not finding.is_clean] == []
    # Rows of every kind were there to be checked; outboxes are empty when all is right.
    assert [one.invariant for one in findings if not one.checked] == ["OutboxIsDrained"]


async def test_what_always_holds_is_checked_at_once(audited: Settings) -> None:
    findings = await audit(audited, always_only=True)
    assert {finding.when for finding in findings} == {When.ALWAYS}
    assert [finding for finding in findings if not finding.is_clean] == []
