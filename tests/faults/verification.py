"""What must be so once everything runs again."""

import asyncio
import time
from collections.abc import Sequence

from subgraphs.store.audit import When, audit
from tests.faults.customer import Customer
from tests.faults.shop import Shelf
from tests.faults.standing import differences
from tests.faults.store import FaultyStore

SETTLE_SECONDS = 30
READERS = 8


async def settle(faulty: FaultyStore, shelf: Shelf, customers: Sequence[Customer]) -> None:
    """Everything comes to rest in time, the auditor finds nothing, and customers have what they were told."""
    started = time.monotonic()
    wrong = await _breaches(faulty, SETTLE_SECONDS)
    # A claim or a payment whose time ends while the auditor looks is no breach: the next look tells.
    while wrong and all(when is When.ENDED for when in wrong.values()) and time.monotonic() < started + SETTLE_SECONDS:
        wrong = await _breaches(faulty, started + SETTLE_SECONDS - time.monotonic())
    print(f"  settled after {time.monotonic() - started:.1f} s: {len(customers)} customers")
    gate = asyncio.Semaphore(READERS)
    found = await asyncio.gather(*[_complaints(customer, gate) for customer in customers])
    complaints = [*wrong, *[text for texts in found for text in texts], *shelf.line.wrong]
    assert not complaints, "\n".join(complaints)


async def _complaints(customer: Customer, gate: asyncio.Semaphore) -> list[str]:
    async with gate:
        return await differences(customer)


async def _breaches(faulty: FaultyStore, seconds: float) -> dict[str, When]:
    """What the auditor finds once the store is at rest."""
    findings = await audit(faulty.settings, wait=seconds)
    return {
        f"{finding.invariant} {finding.skipped}: {'; '.join(finding.rows)}": finding.when
        for finding in findings
        if not finding.is_clean
    }
