"""Checks every invariant on a store, also while it runs."""

import asyncio
import time
from contextlib import aclosing

from redis.exceptions import RedisError

from subgraphs.kit.settings import Settings
from subgraphs.store.audit import claim_cache, goods, money, orders, payments, sagas, units
from subgraphs.store.audit.invariant import Finding, Invariant, When
from subgraphs.store.audit.snapshots import Databases, Snapshots

SETTLE_SECONDS = 10.0
PAUSE_SECONDS = 0.2

INVARIANTS: tuple[Invariant, ...] = (
    money.BalanceIsLedgerSum(),
    money.NoBalanceIsNegative(),
    money.LedgerIsUnbroken(),
    money.EveryMovementHasItsCause(),
    money.PointsAreConserved(),
    money.ChargedOnce(),
    money.PaidIsCharged(),
    money.UnpaidCostsNothing(),
    payments.AmountIsSumOfLines(),
    payments.BoughtOnce(),
    payments.RefundIsSumOfLines(),
    payments.CompletedRefundIsCredited(),
    payments.RefundsAreWithinTheCharge(),
    payments.StateTellsRefunds(),
    payments.SagaEndedAsTold(),
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
    sagas.NoSagaIsStuck(),
    sagas.OutboxIsDrained(),
    sagas.NoEventIsParked(),
    sagas.EventsAreAppliedOnce(),
    orders.OrdersFollowPayments(),
    goods.PaidIsGranted(),
    goods.RefundedIsRevoked(),
    units.UnitsFollowPayments(),
    claim_cache.CacheKnowsNoMore(),
)


async def audit(settings: Settings, *, settle: float = SETTLE_SECONDS, always_only: bool = False) -> list[Finding]:
    """A finding for each invariant; a store in which all `is_clean` is right.

    Waits up to `settle` seconds until no saga is unfinished and no event is on its way, then checks all, or
    with `always_only` checks at once what holds at any time. What compares databases of a store that did not
    come to rest is skipped. Raises SQLAlchemyError or OSError when a database does not answer.
    """
    async with aclosing(Databases(settings)) as databases:
        if always_only:
            async with databases.snapshots() as store:
                return [await _checked(store, one) for one in INVARIANTS if one.when is When.ALWAYS]
        return await _audit_at_rest(databases, time.monotonic() + settle)


async def _audit_at_rest(databases: Databases, until: float) -> list[Finding]:
    before: tuple[int, ...] | None = None
    while True:
        async with databases.snapshots() as store:
            # Payment's snapshot is the last: where it is as it was before the others' were taken, nothing
            # has moved between any two of them, and all six are as of one instant.
            after = (await sagas.work_left(store), *await sagas.movements(store))
            is_still = after == before
            if (is_still and not after[0]) or (before is not None and time.monotonic() >= until):
                return [await _checked(store, one, is_still=is_still) for one in INVARIANTS]
        before = after
        await asyncio.sleep(PAUSE_SECONDS if after[0] else 0)


async def _checked(store: Snapshots, invariant: Invariant, *, is_still: bool = True) -> Finding:
    finding = invariant.finding()
    if invariant.when is When.ENDED and invariant.across and not is_still:
        finding.skipped = "the store did not come to rest"
        return finding
    try:
        await invariant.check(store, finding)
    except RedisError as error:
        finding.skipped = f"Redis does not answer: {error}"
    return finding
