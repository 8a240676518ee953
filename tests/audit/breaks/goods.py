"""Ways to break what holds of orders, games and units."""

from collections.abc import Sequence

from subgraphs.kit.database.columns import new_id
from subgraphs.library.models import Game
from subgraphs.order.models import Order, OrderLine
from subgraphs.payment.models import Payment
from subgraphs.stock.models import Claim, FlashSale, Hold, HoldLine, LimitedStock
from tests.audit.breaks.broken import Break, free_claim, is_positive, is_set
from tests.audit.world import Change, Found, World


def _second_copy(world: World) -> Sequence[Change]:
    game = world.one(Game, revoked_by=None)
    return [game.copied(id=new_id(), payment_id=new_id(), live_key=None)]


def _second_claim(world: World) -> Sequence[Change]:
    claim = world.one(Claim, state="HELD", payment_id=None)
    return [claim.copied(id=new_id(), live_key="another")]


def _paid_order_line(world: World) -> Found:
    return world.one(OrderLine, order_id=world.one(Order, state="PAID")["id"])


def _bound_claim(world: World) -> Found:
    return world.one(Claim, state="HELD", payment_id=is_set)


def _payment_with_units(world: World) -> Found:
    return world.one(Payment, id=world.one(HoldLine, state="SOLD")["payment_id"])


GOODS = (
    Break("OrderIsSumOfLines", "another total", lambda w: [w.one(Order).changed(total_points=1)]),
    Break("PricesAreKept", "a price changed after", lambda w: [_paid_order_line(w).changed(points=1)]),
    Break("OrdersFollowPayments", "paid, but free", lambda w: [w.one(Order, state="PAID").changed(state="READY")]),
    Break("OrdersFollowPayments", "free, but paid", lambda w: [w.one(Order, state="CANCELLED").changed(state="PAID")]),
    Break("OrdersFollowPayments", "not in it", lambda w: [w.one(Order, state="ORDERED").changed(payment_id=None)]),
    Break("OwnedOnce", "a second copy", _second_copy),
    Break("OwnedOnce", "unprotected", lambda w: [w.one(Game, revoked_by=None).changed(live_key=None)]),
    Break("PlayedIsKept", "a play lost", lambda w: [w.one(Game, play_count=is_positive).changed(play_count=0)]),
    Break(
        "PlayedIsKept",
        "taken back after a play",
        lambda w: [w.one(Game, play_count=is_positive).changed(revoked_by=new_id(), live_key=None)],
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
        lambda w: [w.one(Game, revoked_by=is_set).changed(revoked_by=None, live_key="kept")],
    ),
    Break("RefundedIsRevoked", "by another", lambda w: [w.one(Game, revoked_by=is_set).changed(revoked_by="other")]),
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
    Break("LimitedUnitsAddUp", "of nothing", lambda w: [w.one(LimitedStock, sold=is_positive).removed()]),
    Break("SaleUnitsAddUp", "one too many", lambda w: [w.one(FlashSale).changed(remaining=99)]),
    Break("SaleUnitsAddUp", "below 0", lambda w: [w.one(FlashSale).changed(remaining=-1)]),
    Break("SaleUnitsAddUp", "more claims", lambda w: [w.one(Claim, state="RELEASED").changed(state="SOLD")]),
    Break("SaleUnitsAddUp", "of no sale", lambda w: [w.one(FlashSale).removed()]),
    Break("ClaimedOnce", "a second claim", _second_claim),
    Break("ClaimedOnce", "unprotected", lambda w: [w.one(Claim, state="HELD").changed(live_key=None)]),
    Break("HoldsAgree", "a line without", lambda w: [w.one(Hold, state="SOLD").removed()]),
    Break("HoldsAgree", "held, but sold", lambda w: [w.one(HoldLine, state="HELD").changed(state="SOLD")]),
    Break("HoldsAgree", "a claim sold to nobody", lambda w: [free_claim(w).changed(state="SOLD")]),
    Break("HoldsAgree", "a claim that is free", lambda w: [_bound_claim(w).changed(payment_id=None)]),
    Break("SoldIsPaid", "not paid", lambda w: [w.one(HoldLine, state="HELD").changed(state="SOLD")]),
    Break("SoldIsPaid", "a payment lost", lambda w: [_payment_with_units(w).removed()]),
    Break("UnitsFollowPayments", "kept", lambda w: [w.one(HoldLine, state="RETURNED").changed(state="HELD")]),
    Break("UnitsFollowPayments", "given away", lambda w: [w.one(HoldLine, state="SOLD").changed(state="RETURNED")]),
    Break("UnitsFollowPayments", "no claim", lambda w: [w.one(HoldLine, claim_id=is_set, state="SOLD").removed()]),
)
