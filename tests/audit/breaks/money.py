"""Ways to break what holds of wallets, payments and refunds."""

from collections.abc import Sequence

from subgraphs.kit.database.columns import new_id
from subgraphs.payment.models import (
    Checkout,
    Entitlement,
    LedgerEntry,
    Payment,
    PaymentLine,
    Refund,
    TopUp,
    Wallet,
)
from tests.audit.breaks.broken import Break, is_negative, is_positive
from tests.audit.world import Change, World


def _ledger_gap(world: World) -> Sequence[Change]:
    entry = world.one(LedgerEntry, kind="TOP_UP", payment_id=None)
    return [entry.changed(balance_after=entry["balance_after"] + 1)]


def _charged_twice(world: World) -> Sequence[Change]:
    charge = world.one(LedgerEntry, kind="PURCHASE", amount=is_negative)
    return [charge.copied(id=1_000_000, reference=f"purchase-{charge['payment_id']}")]


MONEY = (
    Break("BalanceIsLedgerSum", "a balance too high", lambda w: [w.one(Wallet).changed(balance=5)]),
    Break("BalanceIsLedgerSum", "a wallet lost", lambda w: [w.one(Wallet, balance=is_positive).removed()]),
    Break("BalanceIsLedgerSum", "an entry lost", lambda w: [w.one(LedgerEntry, kind="TOP_UP").removed()]),
    Break("NoBalanceIsNegative", "a wallet overdrawn", lambda w: [w.one(Wallet).changed(balance=-1)]),
    Break("NoBalanceIsNegative", "one once was", lambda w: [w.one(LedgerEntry).changed(balance_after=-1)]),
    Break("LedgerIsUnbroken", "a balance after, changed", _ledger_gap),
    Break("LedgerIsUnbroken", "an amount, changed", lambda w: [w.one(LedgerEntry).changed(amount=7)]),
    Break("EveryMovementHasItsCause", "a top-up lost", lambda w: [w.one(TopUp).removed()]),
    Break("EveryMovementHasItsCause", "a top-up of less", lambda w: [w.one(TopUp).changed(amount=1)]),
    Break(
        "EveryMovementHasItsCause",
        "a refund that is under way still",
        lambda w: [w.one(Refund, state="COMPLETED").changed(state="IN_PROGRESS")],
    ),
    Break(
        "EveryMovementHasItsCause",
        "a charge for something else",
        lambda w: [w.one(LedgerEntry, kind="PURCHASE").changed(reference="purchase:other")],
    ),
    Break("EveryMovementHasItsCause", "a gift", lambda w: [w.one(LedgerEntry).changed(kind="GIFT")]),
    Break("PointsAreConserved", "points from nowhere", lambda w: [w.one(Wallet).changed(balance=123_456_789)]),
    Break("ChargedOnce", "a second charge", _charged_twice),
    Break("PaidIsCharged", "a charge lost", lambda w: [w.one(LedgerEntry, kind="PURCHASE").removed()]),
    Break(
        "PaidIsCharged",
        "charged too little",
        lambda w: [w.one(LedgerEntry, kind="PURCHASE", amount=is_negative).changed(amount=-1)],
    ),
    Break("PaidIsCharged", "paid for nothing", lambda w: [w.one(Payment, state="READY").changed(state="PAID")]),
    Break(
        "UnpaidCostsNothing",
        "a cancelled payment that was charged",
        lambda w: [w.one(Payment, state="PAID").changed(state="CANCELLED")],
    ),
    Break("UnpaidCostsNothing", "a payment lost", lambda w: [w.one(Payment, state="PAID").removed()]),
)

PAYMENTS = (
    Break("AmountIsSumOfLines", "another amount", lambda w: [w.one(Payment).changed(amount=1)]),
    Break("AmountIsSumOfLines", "a line lost", lambda w: [w.one(PaymentLine, points=is_positive).removed()]),
    Break("AmountIsSumOfLines", "a payment lost", lambda w: [w.one(Payment).removed()]),
    Break("BoughtOnce", "an entitlement lost", lambda w: [w.one(Entitlement).removed()]),
    Break("BoughtOnce", "one of another payment", lambda w: [w.one(Entitlement).changed(payment_id=new_id())]),
    Break(
        "BoughtOnce",
        "one that was given back",
        lambda w: [w.one(PaymentLine, refund_id=None).changed(refund_id=w.one(Refund, state="COMPLETED")["id"])],
    ),
    Break("RefundIsSumOfLines", "more back", lambda w: [w.one(Refund, state="COMPLETED").changed(amount=1)]),
    Break(
        "CompletedRefundIsCredited",
        "a credit lost",
        lambda w: [w.one(LedgerEntry, kind="REFUND").removed()],
    ),
    Break(
        "CompletedRefundIsCredited",
        "a credit for a refund that was refused",
        lambda w: [w.one(Refund, state="COMPLETED").changed(state="REFUSED")],
    ),
    Break(
        "RefundsAreWithinTheCharge",
        "more back than was paid",
        lambda w: [w.one(Refund, state="COMPLETED").changed(amount=10_000_000)],
    ),
    Break(
        "RefundsAreWithinTheCharge",
        "back from what was not paid",
        lambda w: [w.one(Payment, state="REFUNDED").changed(state="CANCELLED")],
    ),
    Break("StateTellsRefunds", "told none", lambda w: [w.one(Payment, state="REFUNDED").changed(state="PAID")]),
    Break("StateTellsRefunds", "told all", lambda w: [w.one(Payment, state="PAID").changed(state="REFUNDED")]),
    Break("SagaEndedAsTold", "a payment without", lambda w: [w.one(Checkout, step="DONE").removed()]),
    Break("SagaEndedAsTold", "failed, but paid", lambda w: [w.one(Checkout, step="DONE").changed(step="FAILED")]),
    Break("SagaEndedAsTold", "done, not paid", lambda w: [w.one(Checkout, step="FAILED").changed(step="DONE")]),
    Break("SagaEndedAsTold", "nothing told", lambda w: [w.one(Checkout, step="FAILED").changed(outcome=None)]),
)
