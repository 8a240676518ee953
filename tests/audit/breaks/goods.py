"""Breaks of the invariants of orders, games and units."""

from collections.abc import Sequence

from subgraphs.kit.database.columns import new_id
from subgraphs.library.models import Game
from subgraphs.order.models import Order, OrderLine
from subgraphs.payment.models import Payment
from subgraphs.stock.models import Claim, FlashSale, Hold, HoldLine, LimitedStock
from tests.audit.breaks.base import Break, free_claim, is_positive, is_set
from tests.audit.store_copy import Change, Found, StoreCopy


def _second_copy(copy: StoreCopy) -> Sequence[Change]:
    game = copy.one(Game, revoked_by=None)
    return [game.copied(id=new_id(), payment_id=new_id(), live_key=None)]


def _second_claim(copy: StoreCopy) -> Sequence[Change]:
    claim = copy.one(Claim, state="HELD", payment_id=None)
    return [claim.copied(id=new_id(), live_key="another")]


def _paid_order_line(copy: StoreCopy) -> Found:
    return copy.one(OrderLine, order_id=copy.one(Order, state="PAID")["id"])


def _bound_claim(copy: StoreCopy) -> Found:
    return copy.one(Claim, state="HELD", payment_id=is_set)


def _payment_with_units(copy: StoreCopy) -> Found:
    return copy.one(Payment, id=copy.one(HoldLine, state="SOLD")["payment_id"])


def _sold_hold(copy: StoreCopy) -> Found:
    """One with a line that was not returned."""
    return copy.one(Hold, payment_id=copy.one(HoldLine, state="SOLD")["payment_id"])


GOODS = (
    Break("OrderIsSumOfLines", "another total", lambda c: [c.one(Order).changed(total_points=1)]),
    Break("PricesAreKept", "a price that differs", lambda c: [_paid_order_line(c).changed(points=1)]),
    Break("OrdersFollowPayments", "READY, but paid", lambda c: [c.one(Order, state="PAID").changed(state="READY")]),
    Break(
        "OrdersFollowPayments", "PAID, but not paid", lambda c: [c.one(Order, state="CANCELLED").changed(state="PAID")]
    ),
    Break(
        "OrdersFollowPayments",
        "PAID in no payment",
        lambda c: [c.one(Order, state="READY").changed(state="PAID", payment_id=None)],
    ),
    Break(
        "OrdersFollowPayments",
        "ORDERED in no payment",
        lambda c: [c.one(Order, state="ORDERED").changed(payment_id=None)],
    ),
    Break("OwnedOnce", "a second copy", _second_copy),
    Break("OwnedOnce", "without its unique key", lambda c: [c.one(Game, revoked_by=None).changed(live_key=None)]),
    Break("PlayedIsKept", "a lost play", lambda c: [c.one(Game, play_count=is_positive).changed(play_count=0)]),
    Break(
        "PlayedIsKept",
        "revoked after a play",
        lambda c: [c.one(Game, play_count=is_positive).changed(revoked_by=new_id(), live_key=None)],
    ),
    Break("NothingIsGrantedUnpaid", "a copy that nobody paid for", _second_copy),
    Break(
        "NothingIsGrantedUnpaid",
        "granted, then not paid",
        lambda c: [c.one(Payment, state="PAID").changed(state="READY")],
    ),
    Break("NothingIsGrantedUnpaid", "paid for by another user", lambda c: [c.one(Game).changed(user_id=new_id())]),
    Break("PaidIsGranted", "a lost game", lambda c: [c.one(Game, revoked_by=None).removed()]),
    Break(
        "PaidIsGranted",
        "not revoked by the refund",
        lambda c: [c.one(Game, revoked_by=is_set).changed(revoked_by=None, live_key="kept")],
    ),
    Break(
        "RefundedIsRevoked", "by another refund", lambda c: [c.one(Game, revoked_by=is_set).changed(revoked_by="other")]
    ),
    Break(
        "RefundedIsRevoked", "without a refund", lambda c: [c.one(Game, revoked_by=None).changed(revoked_by="other")]
    ),
)

UNITS = (
    Break("LimitedUnitsAddUp", "too many remaining", lambda c: [c.one(LimitedStock).changed(remaining=99)]),
    Break("LimitedUnitsAddUp", "negative", lambda c: [c.one(LimitedStock, total=0).changed(remaining=-1, total=-1)]),
    Break(
        "LimitedUnitsAddUp",
        "held without a line",
        lambda c: [c.one(LimitedStock, total=3).changed(remaining=0, held=2, sold=1)],
    ),
    Break("LimitedUnitsAddUp", "lines without a stock", lambda c: [c.one(LimitedStock, sold=is_positive).removed()]),
    Break("SaleUnitsAddUp", "too many remaining", lambda c: [c.one(FlashSale).changed(remaining=99)]),
    Break("SaleUnitsAddUp", "negative", lambda c: [c.one(FlashSale).changed(remaining=-1)]),
    Break("SaleUnitsAddUp", "too many claims", lambda c: [c.one(Claim, state="RELEASED").changed(state="SOLD")]),
    Break("SaleUnitsAddUp", "claims without a sale", lambda c: [c.one(FlashSale).removed()]),
    Break("ClaimedOnce", "a second claim", _second_claim),
    Break("ClaimedOnce", "without its unique key", lambda c: [c.one(Claim, state="HELD").changed(live_key=None)]),
    Break("HoldsAgree", "a line without its hold", lambda c: [_sold_hold(c).removed()]),
    Break("HoldsAgree", "a sold line of a held hold", lambda c: [c.one(HoldLine, state="HELD").changed(state="SOLD")]),
    Break("HoldsAgree", "a sold claim without a line", lambda c: [free_claim(c).changed(state="SOLD")]),
    Break("HoldsAgree", "a held line without its claim", lambda c: [_bound_claim(c).changed(payment_id=None)]),
    Break("SoldIsPaid", "not paid", lambda c: [c.one(HoldLine, state="HELD").changed(state="SOLD")]),
    Break("SoldIsPaid", "a lost payment", lambda c: [_payment_with_units(c).removed()]),
    Break("OnlyHoldersHoldUnits", "not known", lambda c: [_payment_with_units(c).changed(holds_units=False)]),
    Break(
        "UnitsFollowPayments",
        "held after a return",
        lambda c: [c.one(HoldLine, state="RETURNED").changed(state="HELD")],
    ),
    Break(
        "UnitsFollowPayments", "returned, but sold", lambda c: [c.one(HoldLine, state="SOLD").changed(state="RETURNED")]
    ),
    Break(
        "UnitsFollowPayments",
        "a lost line of a claim",
        lambda c: [c.one(HoldLine, claim_id=is_set, state="SOLD").removed()],
    ),
)
