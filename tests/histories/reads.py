"""What users have read: their wallets, orders and games, and what is left of units and sales."""

from collections.abc import Iterator
from typing import Any

from tests.histories import sessions
from tests.histories.checker import Answer, Input
from tests.histories.events import Bounds, Events
from tests.histories.known import Known
from tests.histories.payments import game
from tests.histories.recorder import Attempt

READ = Input("read")


def product(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    found, id = attempt.answer or {}, asked["id"]
    if found.get("owned") is not None:
        events.tell(attempt, "ownership", game(attempt.user, id), READ, _owned(found["owned"]))
    if found.get("stock") and id in known.limited:
        events.tell(attempt, "units", id, READ, _count(found["stock"]["remaining"]))


def flash_sale(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    if attempt.answer and asked["id"] in known.sales:
        events.tell(attempt, "sale", asked["id"], READ, _count(attempt.answer["remaining"]))


def order(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    if attempt.answer and asked["id"] in known.orders:
        events.tell(attempt, "order", asked["id"], READ, Answer(attempt.answer["state"]))


def cancel_order(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    if asked["id"] in known.orders and (attempt.may_have_happened or attempt.kind == "INVALID_STATE"):
        answer = Answer("refused" if attempt.kind == "INVALID_STATE" else "ok")
        events.tell(attempt, "order", asked["id"], Input("cancel"), answer)


def play(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    if attempt.kind in ("", "Play", "NotOwned"):
        answer = Answer("not-owned" if attempt.kind == "NotOwned" else "ok")
        events.tell(attempt, "ownership", game(attempt.user, asked["productId"]), Input("play"), answer)


def me(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    sessions.read(events, known, attempt)
    found = attempt.answer or {}
    if "wallet" in found:
        events.tell(attempt, "wallet", attempt.user, READ, _count(found["wallet"]["balance"]))
    orders = {one["id"] for one in _nodes(found, "orders")} & known.orders.keys()
    for one in _nodes(found, "orders"):
        if one["id"] in orders:
            events.tell(attempt, "order", one["id"], READ, Answer(one["state"]))
    if "library" in found:
        owned = {one["product"]["id"] for one in _nodes(found, "library")}
        bought = {line.product for one in known.payments.values() if one.user == attempt.user for line in one.lines}
        for id in owned | bought:
            events.tell(attempt, "ownership", game(attempt.user, id), READ, _owned(id in owned))


def _nodes(found: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    return (edge["node"] for edge in found.get(name, {}).get("edges", ()))


def _owned(owned: bool) -> Answer:
    return Answer("owned" if owned else "not-owned")


def _count(count: int) -> Answer:
    return Answer("read", amount=count)


TOLD = {
    "product": product,
    "flashSale": flash_sale,
    "order": order,
    "cancelOrder": cancel_order,
    "play": play,
    "me": me,
}
