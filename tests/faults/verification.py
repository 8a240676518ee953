"""Verifies the store after faults: the auditor's invariants and the customers' journals."""

import asyncio
import time
from collections.abc import Sequence

from subgraphs.store.audit import When, audit
from tests.faults.customer import Customer
from tests.faults.journal import differences
from tests.faults.shop import Shelf
from tests.own_store import OwnStore

REST_SECONDS = 30
READERS = 8


async def verify(store: OwnStore, shelf: Shelf, customers: Sequence[Customer]) -> None:
    """Asserts that all work finishes in time, the invariants hold, and every journal matches the store."""
    started = time.monotonic()
    wrong = await _breaches(store, REST_SECONDS)
    # A claim or payment may expire during the audit: audit again to see whether that was all.
    while wrong and all(when is When.ENDED for when in wrong.values()) and time.monotonic() < started + REST_SECONDS:
        wrong = await _breaches(store, started + REST_SECONDS - time.monotonic())
    print(f"  at rest after {time.monotonic() - started:.1f} s: {len(customers)} customers")
    limit = asyncio.Semaphore(READERS)
    found = await asyncio.gather(*[_complaints(customer, limit) for customer in customers])
    complaints = [*wrong, *[text for texts in found for text in texts], *shelf.line.wrong]
    assert not complaints, "\n".join(complaints)


async def _complaints(customer: Customer, limit: asyncio.Semaphore) -> list[str]:
    async with limit:
        return await differences(customer)


async def _breaches(store: OwnStore, seconds: float) -> dict[str, When]:
    """The invariants that the auditor finds broken once the store is at rest."""
    findings = await audit(store.settings, wait=seconds)
    return {
        f"{finding.invariant} {finding.skipped}: {'; '.join(finding.rows)}": finding.when
        for finding in findings
        if not finding.is_clean
    }
