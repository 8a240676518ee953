"""Breaks of the invariants of wallets, payments and refunds."""

from collections.abc import Sequence

from subgraphs.kit.database.columns import new_id
from subgraphs.payment.models import (
    Checkout,
    Entitlement,
    LedgerEntry,
    Payment,
    PaymentLine,
    ProviderTopUp,
    Refund,
    TopUp,
    Wallet,
)
from tests.audit.breaks.base import Break, is_negative, is_positive
from tests.audit.store_copy import Change, StoreCopy


def _ledger_gap(copy: StoreCopy) -> Sequence[Change]:
    entry = copy.one(LedgerEntry, kind="TOP_UP", payment_id=None)
    return [entry.changed(balance_after=entry["balance_after"] + 1)]


def _charged_twice(copy: StoreCopy) -> Sequence[Change]:
    charge = copy.one(LedgerEntry, kind="PURCHASE", amount=is_negative)
    return [charge.copied(id=1_000_000, reference=f"purchase-{charge['payment_id']}")]


MONEY = (
    Break("BalanceIsLedgerSum", "another balance", lambda c: [c.one(Wallet).changed(balance=5)]),
    Break("BalanceIsLedgerSum", "a lost wallet", lambda c: [c.one(Wallet, balance=is_positive).removed()]),
    Break("BalanceIsLedgerSum", "a lost entry", lambda c: [c.one(LedgerEntry, kind="TOP_UP").removed()]),
    Break("NoBalanceIsNegative", "an overdrawn wallet", lambda c: [c.one(Wallet).changed(balance=-1)]),
    Break(
        "NoBalanceIsNegative",
        "an entry with an overdrawn balance",
        lambda c: [c.one(LedgerEntry).changed(balance_after=-1)],
    ),
    Break("LedgerIsUnbroken", "another balance after an entry", _ledger_gap),
    Break("LedgerIsUnbroken", "another amount of an entry", lambda c: [c.one(LedgerEntry).changed(amount=7)]),
    Break("EveryPostingHasItsCause", "a lost top-up", lambda c: [c.one(TopUp).removed()]),
    Break("EveryPostingHasItsCause", "a top-up of another amount", lambda c: [c.one(TopUp).changed(amount=1)]),
    Break(
        "EveryPostingHasItsCause",
        "a refund that is not completed",
        lambda c: [c.one(Refund, state="COMPLETED").changed(state="IN_PROGRESS")],
    ),
    Break(
        "EveryPostingHasItsCause",
        "a charge for an unknown payment",
        lambda c: [c.one(LedgerEntry, kind="PURCHASE").changed(reference="purchase:other")],
    ),
    Break("EveryPostingHasItsCause", "an unknown kind", lambda c: [c.one(LedgerEntry).changed(kind="GIFT")]),
    Break(
        "EveryPostingHasItsCause",
        "a lost top-up that was given back",
        lambda c: [c.one(ProviderTopUp, state="REFUNDED").removed()],
    ),
    Break(
        "PaidTopUpsAreCredited",
        "a paid top-up that was not credited",
        lambda c: [c.one(ProviderTopUp, state="PAID").changed(credited_at=None)],
    ),
    Break(
        "PaidTopUpsAreCredited",
        "points that did not leave",
        lambda c: [c.one(LedgerEntry, kind="REVERSAL").removed()],
    ),
    Break("PointsAreConserved", "points from nowhere", lambda c: [c.one(Wallet).changed(balance=123_456_789)]),
    Break("ChargedOnce", "a second charge", _charged_twice),
    Break("PaidIsCharged", "a lost charge", lambda c: [c.one(LedgerEntry, kind="PURCHASE").removed()]),
    Break(
        "PaidIsCharged",
        "a charge of another amount",
        lambda c: [c.one(LedgerEntry, kind="PURCHASE", amount=is_negative).changed(amount=-1)],
    ),
    Break(
        "PaidIsCharged",
        "a paid payment without a charge",
        lambda c: [c.one(Payment, state="READY").changed(state="PAID")],
    ),
    Break(
        "UnpaidCostsNothing",
        "a charged payment that is cancelled",
        lambda c: [c.one(Payment, state="PAID").changed(state="CANCELLED")],
    ),
    Break("UnpaidCostsNothing", "a lost payment", lambda c: [c.one(Payment, state="PAID").removed()]),
)

PAYMENTS = (
    Break("AmountIsSumOfLines", "another amount", lambda c: [c.one(Payment).changed(amount=1)]),
    Break("AmountIsSumOfLines", "a lost line", lambda c: [c.one(PaymentLine, points=is_positive).removed()]),
    Break("AmountIsSumOfLines", "a lost payment", lambda c: [c.one(Payment).removed()]),
    Break("BoughtOnce", "a lost entitlement", lambda c: [c.one(Entitlement).removed()]),
    Break(
        "BoughtOnce", "the entitlement of another payment", lambda c: [c.one(Entitlement).changed(payment_id=new_id())]
    ),
    Break(
        "BoughtOnce",
        "the entitlement of a refunded line",
        lambda c: [c.one(PaymentLine, refund_id=None).changed(refund_id=c.one(Refund, state="COMPLETED")["id"])],
    ),
    Break("RefundIsSumOfLines", "another amount", lambda c: [c.one(Refund, state="COMPLETED").changed(amount=1)]),
    Break(
        "CompletedRefundIsCredited",
        "a lost credit",
        lambda c: [c.one(LedgerEntry, kind="REFUND").removed()],
    ),
    Break(
        "CompletedRefundIsCredited",
        "a credit of a refused refund",
        lambda c: [c.one(Refund, state="COMPLETED").changed(state="REFUSED")],
    ),
    Break(
        "RefundsAreWithinTheCharge",
        "more than was charged",
        lambda c: [c.one(Refund, state="COMPLETED").changed(amount=10_000_000)],
    ),
    Break(
        "RefundsAreWithinTheCharge",
        "a refund of an unpaid payment",
        lambda c: [c.one(Payment, state="REFUNDED").changed(state="CANCELLED")],
    ),
    Break(
        "StateMatchesRefunds", "PAID, but refunded", lambda c: [c.one(Payment, state="REFUNDED").changed(state="PAID")]
    ),
    Break(
        "StateMatchesRefunds",
        "REFUNDED, but not refunded",
        lambda c: [c.one(Payment, state="PAID").changed(state="REFUNDED")],
    ),
    Break(
        "CheckoutsMatchPayments", "a payment without its checkout", lambda c: [c.one(Checkout, step="DONE").removed()]
    ),
    Break(
        "CheckoutsMatchPayments",
        "FAILED, with a payment",
        lambda c: [c.one(Checkout, step="DONE").changed(step="FAILED")],
    ),
    Break(
        "CheckoutsMatchPayments",
        "DONE, without a payment",
        lambda c: [c.one(Checkout, step="FAILED").changed(step="DONE")],
    ),
    Break(
        "CheckoutsMatchPayments",
        "FAILED, without an outcome",
        lambda c: [c.one(Checkout, step="FAILED").changed(outcome=None)],
    ),
)
