"""Ways to break each invariant by hand."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from subgraphs.kit.columns import new_id
from subgraphs.library.models import Game
from subgraphs.library.models import Inbox as LibraryInbox
from subgraphs.library.models import ParkedEvent as LibraryParked
from subgraphs.order.models import Order, OrderLine
from subgraphs.payment.models import (
    Checkout,
    LedgerEntry,
    Outbox,
    Payment,
    PaymentLine,
    Purchase,
    Refund,
    TopUp,
    Wallet,
)
from subgraphs.stock.models import Claim, FlashSale, Hold, HoldLine, LimitedStock
from subgraphs.stock.models import Inbox as StockInbox
from tests.audit.world import Change, Found, World

PAST = datetime.now(UTC) - timedelta(hours=1)


class Break(NamedTuple):
    """What is done to the world, and the invariant that must be reported then."""

    invariant: str
    what: str
    changes: Callable[[World], Sequence[Change]]


def _is_positive(value: int) -> bool:
    return value > 0


def _is_negative(value: int) -> bool:
    return value < 0


def _is_set(value: object) -> bool:
    return value is not None


def _ledger_gap(world: World) -> Sequence[Change]:
    entry = world.one(LedgerEntry, kind="TOP_UP", payment_id=None)
    return [entry.changed(balance_after=entry["balance_after"] + 1)]


def _charged_twice(world: World) -> Sequence[Change]:
    charge = world.one(LedgerEntry, kind="PURCHASE", amount=_is_negative)
    return [charge.copied(id=1_000_000, reference=f"purchase-{charge['payment_id']}")]


def _second_copy(world: World) -> Sequence[Change]:
    game = world.one(Game, revoked_by=None)
    return [game.copied(id=new_id(), payment_id=new_id(), live_key=None)]


def _second_claim(world: World) -> Sequence[Change]:
    claim = world.one(Claim, state="HELD", payment_id=None)
    return [claim.copied(id=new_id(), live_key="another")]


MONEY = (
    Break("BalanceIsLedgerSum", "a balance too high", lambda w: [w.one(Wallet).changed(balance=5)]),
    Break("BalanceIsLedgerSum", "a wallet lost", lambda w: [w.one(Wallet, balance=_is_positive).removed()]),
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
        lambda w: [w.one(LedgerEntry, kind="PURCHASE", amount=_is_negative).changed(amount=-1)],
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
    Break("AmountIsSumOfLines", "a line lost", lambda w: [w.one(PaymentLine, points=_is_positive).removed()]),
    Break("AmountIsSumOfLines", "a payment lost", lambda w: [w.one(Payment).removed()]),
    Break("BoughtOnce", "a purchase lost", lambda w: [w.one(Purchase).removed()]),
    Break("BoughtOnce", "one of another payment", lambda w: [w.one(Purchase).changed(payment_id=new_id())]),
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

GOODS = (
    Break("OrderIsSumOfLines", "another total", lambda w: [w.one(Order).changed(total_points=1)]),
    Break("PricesAreKept", "a price changed after", lambda w: [_paid_order_line(w).changed(points=1)]),
    Break("OrdersFollowPayments", "paid, but free", lambda w: [w.one(Order, state="PAID").changed(state="READY")]),
    Break("OrdersFollowPayments", "free, but paid", lambda w: [w.one(Order, state="CANCELLED").changed(state="PAID")]),
    Break("OrdersFollowPayments", "not in it", lambda w: [w.one(Order, state="ORDERED").changed(payment_id=None)]),
    Break("OwnedOnce", "a second copy", _second_copy),
    Break("OwnedOnce", "unprotected", lambda w: [w.one(Game, revoked_by=None).changed(live_key=None)]),
    Break("PlayedIsKept", "a play lost", lambda w: [w.one(Game, play_count=_is_positive).changed(play_count=0)]),
    Break(
        "PlayedIsKept",
        "taken back after a play",
        lambda w: [w.one(Game, play_count=_is_positive).changed(revoked_by=new_id(), live_key=None)],
    ),
    Break("NothingIsGrantedUnpaid", "a gift", _second_copy),
    Break(
        "NothingIsGrantedUnpaid",
        "granted, then not paid",
        lambda w: [w.one(Payment, state="PAID").changed(state="READY")],
    ),
    Break("NothingIsGrantedUnpaid", "another's", lambda w: [w.one(Game).changed(user_id=new_id())]),
    Break("PaidIsGranted", "a game lost", lambda w: [w.one(Game, revoked_by=None).removed()]),
    Break(
        "PaidIsGranted",
        "kept after the refund",
        lambda w: [w.one(Game, revoked_by=_is_set).changed(revoked_by=None, live_key="kept")],
    ),
    Break("RefundedIsRevoked", "by another", lambda w: [w.one(Game, revoked_by=_is_set).changed(revoked_by="other")]),
    Break("RefundedIsRevoked", "for nothing", lambda w: [w.one(Game, revoked_by=None).changed(revoked_by="other")]),
)

UNITS = (
    Break("LimitedUnitsAddUp", "one too many", lambda w: [w.one(LimitedStock).changed(remaining=99)]),
    Break("LimitedUnitsAddUp", "below 0", lambda w: [w.one(LimitedStock, total=0).changed(remaining=-1, total=-1)]),
    Break(
        "LimitedUnitsAddUp",
        "held by nobody",
        lambda w: [w.one(LimitedStock, total=3).changed(remaining=0, held=2, sold=1)],
    ),
    Break("LimitedUnitsAddUp", "of nothing", lambda w: [w.one(LimitedStock, sold=_is_positive).removed()]),
    Break("SaleUnitsAddUp", "one too many", lambda w: [w.one(FlashSale).changed(remaining=99)]),
    Break("SaleUnitsAddUp", "below 0", lambda w: [w.one(FlashSale).changed(remaining=-1)]),
    Break("SaleUnitsAddUp", "more claims", lambda w: [w.one(Claim, state="RELEASED").changed(state="SOLD")]),
    Break("SaleUnitsAddUp", "of no sale", lambda w: [w.one(FlashSale).removed()]),
    Break("ClaimedOnce", "a second claim", _second_claim),
    Break("ClaimedOnce", "unprotected", lambda w: [w.one(Claim, state="HELD").changed(live_key=None)]),
    Break("HoldsAgree", "a line without", lambda w: [w.one(Hold, state="SOLD").removed()]),
    Break("HoldsAgree", "held, but sold", lambda w: [w.one(HoldLine, state="HELD").changed(state="SOLD")]),
    Break("HoldsAgree", "a claim sold to nobody", lambda w: [_free_claim(w).changed(state="SOLD")]),
    Break("HoldsAgree", "a claim that is free", lambda w: [_bound_claim(w).changed(payment_id=None)]),
    Break("SoldIsPaid", "not paid", lambda w: [w.one(HoldLine, state="HELD").changed(state="SOLD")]),
    Break("SoldIsPaid", "a payment lost", lambda w: [_payment_with_units(w).removed()]),
    Break("UnitsFollowPayments", "kept", lambda w: [w.one(HoldLine, state="RETURNED").changed(state="HELD")]),
    Break("UnitsFollowPayments", "given away", lambda w: [w.one(HoldLine, state="SOLD").changed(state="RETURNED")]),
    Break("UnitsFollowPayments", "no claim", lambda w: [w.one(HoldLine, claim_id=_is_set, state="SOLD").removed()]),
)

WORK = (
    Break("NoSagaIsStuck", "half-way", lambda w: [w.one(Checkout, step="FAILED").changed(step="UNDOING")]),
    Break("NoSagaIsStuck", "unrevoked", lambda w: [w.one(Refund).changed(state="REVOKING")]),
    Break(
        "NoSagaIsStuck",
        "never settled",
        lambda w: [w.one(Refund, state="COMPLETED").changed(state="IN_PROGRESS", settle_at=PAST)],
    ),
    Break("NoSagaIsStuck", "not expired", lambda w: [w.one(Payment, state="READY").changed(expires_at=PAST)]),
    Break("NoSagaIsStuck", "not taken back", lambda w: [_free_claim(w).changed(expires_at=PAST)]),
    Break("OutboxIsDrained", "one left", lambda w: [w.new(Outbox, event_id=new_id(), topic="t", payload="", relays=0)]),
    Break("NoEventIsParked", "one", lambda w: [_parked(w)]),
    Break("EventsAreAppliedOnce", "one lost", lambda w: [w.one(StockInbox).removed()]),
    Break("EventsAreAppliedOnce", "one too many", lambda w: [w.one(StockInbox).copied(event_id=new_id())]),
    Break(
        "BoardKnowsNoMore",
        "a claim that has ended",
        lambda w: [w.one(Claim, state="HELD").changed(state="EXPIRED", live_key=None)],
    ),
    Break("BoardKnowsNoMore", "a claim that never was", lambda w: [_free_claim(w).removed()]),
    Break("BoardKnowsNoMore", "a claim that was sold", lambda w: [_free_claim(w).changed(state="SOLD")]),
    Break("BoardKnowsNoMore", "more units", lambda w: [w.one(FlashSale).changed(units=1)]),
)

BREAKS = (*MONEY, *PAYMENTS, *GOODS, *UNITS, *WORK)


def _paid_order_line(world: World) -> Found:
    return world.one(OrderLine, order_id=world.one(Order, state="PAID")["id"])


def _free_claim(world: World) -> Found:
    return world.one(Claim, state="HELD", payment_id=None)


def _bound_claim(world: World) -> Found:
    return world.one(Claim, state="HELD", payment_id=_is_set)


def _payment_with_units(world: World) -> Found:
    return world.one(Payment, id=world.one(HoldLine, state="SOLD")["payment_id"])


def _parked(world: World) -> Change:
    values = {"producer": "payment", "topic": "t", "payload": "{}", "error": "", "parked_at": PAST}
    return world.new(LibraryParked, event_id=world.one(LibraryInbox)["event_id"], **values)
