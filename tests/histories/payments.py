"""Top-ups, orders, payments, checkouts and refunds as events of wallets, orders, games and units."""

from collections.abc import Iterable
from typing import Any

from tests.histories.checker import Answer, Input
from tests.histories.events import Bounds, Events
from tests.histories.known import Known, Line, Order
from tests.histories.recorder import Attempt

OK = Answer("ok")


def game(user: str, product: str) -> str:
    """The key of one user's one game."""
    return f"{user}-{product}"


def top_up(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    if attempt.may_have_happened:
        amount = Input("top-up", id=asked["idempotencyKey"], amount=asked["amount"])
        events.tell(attempt, "wallet", attempt.user, amount, OK)
    if attempt.answer is not None:
        events.tell(attempt, "wallet", attempt.user, Input("read"), Answer("read", amount=attempt.answer["balance"]))


def place_order(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    products = asked["input"]["productIds"]
    if attempt.kind == "Order":
        events.tell(attempt, "order", attempt.answer["id"], Input("place"), OK)
        _owned(events, attempt, products, "not-owned")
    elif attempt.kind == "AlreadyOwned" and len(products) == 1:
        _owned(events, attempt, products, "owned")


def wish(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    if attempt.kind in ("WishlistItem", "AlreadyOwned"):
        owned = "owned" if attempt.kind == "AlreadyOwned" else "not-owned"
        _owned(events, attempt, [asked["productId"]], owned)


def start(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    payment, order = known.payment_id(attempt.user, asked["idempotencyKey"]), known.orders.get(asked["orderId"])
    if order is None:
        return
    limited = _limited(known, order)
    if attempt.kind == "OutOfStock" and len(limited) == 1:
        hold = Input("hold", id=payment, user=attempt.user)
        events.tell(attempt, "units", limited[0].product, hold, Answer("short"))
    if attempt.kind not in ("", "Payment"):
        events.during(attempt, "order", order.id, Input("start", id=payment))  # attached meanwhile
        events.during(attempt, "order", order.id, Input("expire", id=payment))
        return
    events.tell(attempt, "order", order.id, Input("start", id=payment), OK)
    for line in limited:
        events.tell(attempt, "units", line.product, Input("hold", id=payment, user=attempt.user), OK)
    if payment in known.paid | known.cancelled:
        return
    within, after = bounds.expires, bounds.payment_lifetime
    events.later(attempt, "order", order.id, Input("expire", id=payment), within, after)
    for line in limited:
        events.later(attempt, "units", line.product, Input("release", id=payment), within, after)


def pay(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    payment = asked["paymentId"]
    if order := known.payments.get(payment):
        if attempt.kind in ("", "Payment"):
            events.tell(attempt, "order", order.id, Input("pay", id=payment), OK)
            _charged(events, known, attempt, payment, order)
        _refused(events, attempt, payment, order)


def checkout(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    payment = known.payment_id(attempt.user, asked["input"]["idempotencyKey"])
    order = known.payments.get(payment) or known.order_of(attempt.user, asked["input"], f"of {payment}")
    if attempt.kind in ("", "Payment"):
        events.tell(attempt, "order", order.id, Input("buy", id=payment), OK)
        for line in _limited(known, order):
            events.tell(attempt, "units", line.product, Input("hold", id=payment, user=attempt.user), OK)
        _charged(events, known, attempt, payment, order)
    if attempt.kind in ("InsufficientPoints", "AlreadyOwned"):
        for line in _limited(known, order):  # held meanwhile
            events.during(attempt, "units", line.product, Input("hold", id=payment, user=attempt.user))
            events.during(attempt, "units", line.product, Input("release", id=payment))
    limited = _limited(known, order)
    if attempt.kind == "OutOfStock" and len(limited) == 1 and not any(line.claim for line in order.lines):
        hold = Input("hold", id=payment, user=attempt.user)
        events.tell(attempt, "units", limited[0].product, hold, Answer("short"))
    _refused(events, attempt, payment, order)


def cancel_payment(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    payment, order = asked["id"], known.payments.get(asked["id"])
    if order is None or (attempt.kind == "INVALID_STATE" and payment not in known.paid):
        return  # it may have expired, which the order hears of later
    cancelled = OK if attempt.may_have_happened else Answer("refused")
    events.tell(attempt, "order", order.id, Input("cancel-payment", id=payment), cancelled)
    if attempt.may_have_happened:
        _left(events, known, bounds, attempt, payment, order.lines)


def refund(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    payment, order = asked["paymentId"], known.payments.get(asked["paymentId"])
    if order is None:
        return
    wanted = asked.get("productIds") or [line.product for line in order.lines]
    if attempt.kind == "NotRefundable":
        for line in attempt.answer["lines"]:
            if line["reason"] == "PLAYED":
                key = game(order.user, line["product"]["id"])
                events.tell(attempt, "ownership", key, Input("keep", id=payment), Answer("played"))
    if attempt.kind not in ("", "Refund"):
        return
    if attempt.kind == "Refund":
        wanted = [product["id"] for product in attempt.answer["products"]]
        credit = Input("credit", id=attempt.answer["id"], amount=attempt.answer["amount"])
        events.later(attempt, "wallet", order.user, credit, bounds.settles)
    for product in wanted:
        for step in ("revoke", "free"):
            events.tell(attempt, "ownership", game(order.user, product), Input(step, id=payment), OK)
    _left(events, known, bounds, attempt, payment, [line for line in order.lines if line.product in wanted])


def _charged(events: Events, known: Known, attempt: Attempt, payment: str, order: Order) -> None:
    events.tell(attempt, "wallet", order.user, Input("pay", id=payment, amount=order.amount), OK)
    for line in order.lines:
        events.tell(attempt, "ownership", game(order.user, line.product), Input("buy", id=payment), OK)
        if line.claim:
            sale, user = known.claims[line.claim]
            events.tell(attempt, "sale", sale, Input("buy", id=line.claim, user=user), OK)
    for line in _limited(known, order):
        events.tell(attempt, "units", line.product, Input("sell", id=payment), OK)


def _refused(events: Events, attempt: Attempt, payment: str, order: Order) -> None:
    if attempt.kind == "InsufficientPoints":
        poor = Answer("poor", amount=attempt.answer["balance"])
        events.tell(attempt, "wallet", order.user, Input("pay", id=payment, amount=order.amount), poor)
    if attempt.kind == "AlreadyOwned" and len(order.lines) == 1:
        key = game(order.user, order.lines[0].product)
        events.tell(attempt, "ownership", key, Input("buy", id=payment), Answer("owned"))


def _left(events: Events, known: Known, bounds: Bounds, attempt: Attempt, payment: str, lines: Iterable[Line]) -> None:
    """A user has given units back: they are the user's own to take at once, and everybody's a little later."""
    for line in lines:
        if line.claim:
            sale, user = known.claims[line.claim]
            events.later(attempt, "sale", sale, Input("return", id=line.claim, user=user), bounds.follows)
        elif line.product in known.limited:
            leave = Input("leave", id=payment, user=attempt.user)
            events.tell(attempt, "units", line.product, leave, OK)
            events.later(attempt, "units", line.product, Input("release", id=payment), bounds.follows)


def _owned(events: Events, attempt: Attempt, products: Iterable[str], result: str) -> None:
    for product in products:
        events.tell(attempt, "ownership", game(attempt.user, product), Input("wish"), Answer(result))


def _limited(known: Known, order: Order) -> list[Line]:
    return [line for line in order.lines if line.product in known.limited and not line.claim]


TOLD = {
    "topUp": top_up,
    "placeOrder": place_order,
    "addToWishlist": wish,
    "startPayment": start,
    "pay": pay,
    "checkout": checkout,
    "cancelPayment": cancel_payment,
    "refund": refund,
}
