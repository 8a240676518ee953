"""Flash sales, claims and limited quantities as events of sales and units."""

from typing import Any

from tests.histories.checker import Answer, Input
from tests.histories.events import Bounds, Events
from tests.histories.known import Known
from tests.histories.payments import OK
from tests.histories.recorder import Attempt

CLOCKS = 1.0
"""Seconds: the database's clock and the recorder's round differently."""


def limit(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    if attempt.may_have_happened or attempt.kind == "INVALID_STATE":
        answer = Answer("taken") if attempt.kind == "INVALID_STATE" else OK
        events.tell(attempt, "units", asked["productId"], Input("limit", amount=asked["units"]), answer)


def create_sale(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    if attempt.answer is not None:
        units = Input("open", amount=asked["input"]["units"])
        events.tell(attempt, "sale", attempt.answer["id"], units, OK)


def claim(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    sale, user = asked["saleId"], attempt.user
    if attempt.kind in ("", "SoldOut"):
        events.tell(attempt, "sale", sale, Input("claim", user=user), Answer("sold-out"))
    if attempt.kind == "Claim":
        id = attempt.answer["id"]
        events.tell(attempt, "sale", sale, Input("claim", user=user), Answer("ok", id=id))
        since, after = known.first_claims[sale, user], max(0.0, bounds.claim_lifetime - CLOCKS)
        within = None if bounds.expires is None else bounds.expires + CLOCKS
        events.later(attempt, "sale", sale, Input("expire", id=id, user=user), within, after, since)


def release(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    if asked["id"] in known.claims and (attempt.may_have_happened or attempt.kind == "INVALID_STATE"):
        sale, user = known.claims[asked["id"]]
        answer = Answer("refused") if attempt.kind == "INVALID_STATE" else OK
        events.tell(attempt, "sale", sale, Input("release", id=asked["id"], user=user), answer)


TOLD = {"limitStock": limit, "createFlashSale": create_sale, "claim": claim, "releaseClaim": release}
