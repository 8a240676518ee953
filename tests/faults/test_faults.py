"""Under any fault, nothing acknowledged is lost, nothing is applied twice, and all work finishes."""

import asyncio
from collections.abc import Callable
from random import Random

import pytest

from subgraphs.user.tokens import Signer
from tests.clients import Viewers
from tests.faults.customer import Customer
from tests.faults.injections import Injection
from tests.faults.load import Load
from tests.faults.shop import Shelf
from tests.faults.store import VERY_QUICK, FaultyStore
from tests.faults.verification import verify
from tests.histories.events import Bounds
from tests.histories.recorder import Recording
from tests.histories.verdicts import assert_linearizable

ALL_CUSTOMERS: list[Customer] = []
"""The customers of all batches."""


async def test_store_stays_right(
    batch: list[Injection],
    faulty: FaultyStore,
    shelf: Shelf,
    signer: Signer,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    rng = Random(request.node.name)
    load = Load(shelf.line, shelf, Viewers(signer), rng)
    load.start()
    print(f"{request.node.name}: faults under load")
    try:
        for injection in batch:
            await asyncio.sleep(rng.uniform(0.3, 1))
            kind = await injection.inject(faulty, rng)
            print(f"  {injection}: {kind}", flush=True)
            record_property("fault", kind)
            await faulty.heal()
    finally:
        await faulty.heal()
        await load.stop()
    ALL_CUSTOMERS.extend(load.customers)
    await verify(faulty, shelf, load.customers)


async def test_acknowledged_outcomes_survive_all_batches(faulty: FaultyStore, shelf: Shelf) -> None:
    await verify(faulty, shelf, ALL_CUSTOMERS)


def test_what_all_customers_were_answered_is_linearizable(recording: Recording, shelf: Shelf) -> None:
    """Nothing has a bound, since a process that is gone does nothing."""
    lifetimes = (float(VERY_QUICK[f"STEAMPUNK_{what}_LIFETIME"]) for what in ("PAYMENT", "CLAIM"))
    operations = assert_linearizable(recording.attempts, Bounds(*lifetimes), "faults")
    assert operations.keys() == {"wallet", "units", "sale", "order", "ownership"}
