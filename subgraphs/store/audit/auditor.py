"""Checks every invariant of a store, running or stopped."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

from redis.exceptions import RedisError

from subgraphs.kit.settings import Settings
from subgraphs.store.audit import claim_cache, events, goods, money, orders, payments, sagas, units
from subgraphs.store.audit.invariant import Comparison, Finding, Invariant, When, compare_all
from subgraphs.store.audit.snapshots import Databases, Snapshots

WAIT_SECONDS = 10.0
PAUSE_SECONDS = 0.2
BUSY = "the store did not come to rest"

INVARIANTS: tuple[Invariant, ...] = (
    money.BalanceIsLedgerSum(),
    money.NoBalanceIsNegative(),
    money.LedgerIsUnbroken(),
    money.EveryPostingHasItsCause(),
    money.PaidTopUpsAreCredited(),
    money.PointsAreConserved(),
    money.ChargedOnce(),
    money.PaidIsCharged(),
    money.UnpaidCostsNothing(),
    payments.AmountIsSumOfLines(),
    payments.BoughtOnce(),
    payments.RefundIsSumOfLines(),
    payments.CompletedRefundIsCredited(),
    payments.RefundsAreWithinTheCharge(),
    payments.StateMatchesRefunds(),
    payments.CheckoutsMatchPayments(),
    orders.OrderIsSumOfLines(),
    orders.PricesAreKept(),
    goods.OwnedOnce(),
    goods.PlayedIsKept(),
    goods.NothingIsGrantedUnpaid(),
    units.LimitedUnitsAddUp(),
    units.SaleUnitsAddUp(),
    units.ClaimedOnce(),
    units.HoldsAgree(),
    units.SoldIsPaid(),
    units.OnlyHoldersHoldUnits(),
    sagas.NoSagaIsStuck(),
    events.OutboxIsDrained(),
    events.NoDeadLetters(),
    events.EventsAreAppliedOnce(),
    orders.OrdersFollowPayments(),
    goods.PaidIsGranted(),
    goods.RefundedIsRevoked(),
    units.UnitsFollowPayments(),
    claim_cache.CacheKnowsNoMore(),
)


async def audit(settings: Settings, *, wait: float = WAIT_SECONDS, always_only: bool = False) -> list[Finding]:
    """One finding for each invariant; the store is correct when all of them are clean.

    Waits up to `wait` seconds until every saga has ended and every event is delivered, then checks all
    invariants. If the store is still busy after that, skips those that compare databases. With `always_only`,
    checks at once the invariants that hold at any time. Raises SQLAlchemyError or OSError when a database
    does not answer.
    """
    async with aclosing(Databases.of(settings)) as databases:
        if always_only:
            async with databases.snapshots() as store:
                return await _checked(store, [one for one in INVARIANTS if one.when is When.ALWAYS])
        return await audit_at_rest(databases, time.monotonic() + wait)


async def audit_at_rest(databases: Databases, until: float) -> list[Finding]:
    """Checks all invariants once the store is at rest, or when the process's monotonic clock reaches `until`."""
    before: tuple[int, ...] | None = None
    while True:
        async with databases.snapshots() as store:
            pending = await events.undelivered(store) + await sagas.unfinished(store)
            # Payment's snapshot is taken last. If payment has not changed since the snapshots before, nothing
            # has changed between these six, and they show one instant.
            after = (pending, *await sagas.progress_counts(store))
            is_at_rest = after == before
            if (is_at_rest and not pending) or (before is not None and time.monotonic() >= until):
                return await _checked(store, INVARIANTS, is_at_rest=is_at_rest)
        before = after
        await asyncio.sleep(PAUSE_SECONDS if pending else 0)


async def _checked(store: Snapshots, invariants: Sequence[Invariant], *, is_at_rest: bool = True) -> list[Finding]:
    """A finding for each invariant."""
    findings = {one: one.finding() for one in invariants}
    together: dict[Any, dict[Comparison, Finding]] = defaultdict(dict)
    for one, finding in findings.items():
        if one.when is When.ENDED and one.cross_database and not is_at_rest:
            finding.skipped = BUSY
        elif isinstance(one, Comparison):
            together[type(one).pairs][one] = finding
        else:
            await _check(store, one, finding)
    for comparisons in together.values():
        await compare_all(store, comparisons)
    return list(findings.values())


async def _check(store: Snapshots, invariant: Invariant, finding: Finding) -> None:
    try:
        await invariant.check(store, finding)
    except RedisError as error:
        finding.skipped = f"Redis does not answer: {error}"
