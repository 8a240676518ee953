"""The auditor reports each invariant when a test breaks it."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.kit.database.columns import new_id
from subgraphs.library.models import Game
from subgraphs.payment.models import Checkout, Refund, Wallet
from subgraphs.store.audit import audit
from subgraphs.store.audit.auditor import INVARIANTS
from subgraphs.store.audit.invariant import EXAMPLES
from subgraphs.store.audit.sagas import NoSagaIsStuck
from subgraphs.store.audit.snapshots import Databases
from tests.audit.breaks import BREAKS, Break
from tests.audit.breaks.base import free_claim
from tests.audit.store_copy import Found, StoreCopy


def _name(broken: Break) -> str:
    return f"{broken.invariant}: {broken.what}"


async def test_the_copy_is_clean(copy: StoreCopy) -> None:
    assert await copy.breaches() == set()


def test_each_invariant_has_a_break() -> None:
    assert {type(invariant).__name__ for invariant in INVARIANTS} == {broken.invariant for broken in BREAKS}


@pytest.mark.parametrize("broken", BREAKS, ids=_name)
async def test_breach_is_reported(copy: StoreCopy, broken: Break) -> None:
    await copy.apply(*broken.changes(copy))
    assert broken.invariant in await copy.breaches()


async def test_all_breaches_are_counted_and_the_first_are_listed(copy: StoreCopy) -> None:
    users = sorted(new_id() for _ in range(EXAMPLES + 5))
    await copy.apply(*[copy.new(Wallet, user_id=user_id, balance=1) for user_id in users])
    [finding] = [one for one in await audit(copy.settings, wait=0) if one.invariant == "BalanceIsLedgerSum"]
    assert finding.breaches == len(users)
    assert finding.rows == [f"user_id={user_id}, balance=1, ledger_sum=None" for user_id in users[:EXAMPLES]]


async def test_a_refund_under_way_is_waited_for(copy: StoreCopy) -> None:
    """A refund that ends while the auditor waits is no breach."""
    refund = copy.one(Refund, state="REFUSED")
    await copy.apply(refund.changed(state="REVOKING"))

    async def end() -> None:
        await asyncio.sleep(1)
        await copy.apply(refund.changed(state="REFUSED"))

    ending = asyncio.create_task(end())
    assert [one for one in await audit(copy.settings, wait=30) if not one.is_clean] == []
    await ending


async def test_a_claim_that_lapses_while_the_auditor_reads_is_no_breach(copy: StoreCopy) -> None:
    await copy.apply(free_claim(copy).changed(expires_at=datetime.now(UTC) + timedelta(seconds=5)))
    stuck = NoSagaIsStuck()
    async with aclosing(Databases.of(copy.settings)) as databases:
        async with databases.snapshots() as store:
            await asyncio.sleep(5.5)
            await stuck.check(store, early := stuck.finding())
        async with databases.snapshots() as store:
            await stuck.check(store, late := stuck.finding())
    assert (early.breaches, late.breaches) == (0, 1)


async def test_comparisons_of_databases_are_skipped_while_they_change(copy: StoreCopy) -> None:
    """A library may lag behind payments as long as new ones arrive."""
    await copy.apply(copy.one(Game, revoked_by=None).removed())
    checkout = copy.one(Checkout, step="FAILED")
    stopped = asyncio.Event()
    moving = asyncio.create_task(_move(copy, checkout, stopped))
    findings = {finding.invariant: finding for finding in await audit(copy.settings, wait=3)}
    stopped.set()
    await moving
    assert findings["PaidIsGranted"].skipped
    assert findings["NoSagaIsStuck"].breaches
    assert findings["NothingIsGrantedUnpaid"].is_clean


async def _move(copy: StoreCopy, checkout: Found, stopped: asyncio.Event) -> None:
    while not stopped.is_set():
        new = {"id": new_id(), "idempotency_key": new_id(), "step": "PLACING", "outcome": None}
        await copy.apply(checkout.copied(**new))
