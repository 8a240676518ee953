"""Flash sales, claims and limited quantities as events of sales and units."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.histories.checker import Answer, Input
from tests.histories.events import SECOND, Bounds, Events
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
        if id not in known.used_claims:
            since, after = known.lost_claims.get((sale, user)), max(0.0, bounds.claim_lifetime - CLOCKS)
            within = None if bounds.expires is None else bounds.expires + CLOCKS
            events.later(attempt, "sale", sale, Input("expire", id=id, user=user), within, after, since)


def release(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    if asked["id"] in known.claims and (attempt.may_have_happened or attempt.kind == "INVALID_STATE"):
        sale, user = known.claims[asked["id"]]
        answer = Answer("refused") if attempt.kind == "INVALID_STATE" else OK
        events.tell(attempt, "sale", sale, Input("release", id=asked["id"], user=user), answer)


def traced(attempts: Sequence[Attempt], bounds: Bounds) -> list[Attempt]:
    """The same attempts, with what users' next answers tell of their claims whose answer was lost.

    A user has one claim on a sale: if the next answer is a claim, it is the one that the lost request has made, if
    any. If it is SoldOut, the lost request has made none by then. Neither holds if a claim may have ended meanwhile.
    """
    result: list[Attempt] = []
    lost: dict[tuple[str, str], list[Attempt]] = {}
    for attempt in sorted(attempts, key=lambda one: one.call):
        if attempt.field in ("releaseClaim", "refund"):
            for of in [of for of in lost if of[1] == attempt.user]:
                result += lost.pop(of)
        if attempt.field != "claim":
            result.append(attempt)
            continue
        of = attempt.arguments["saleId"], attempt.user
        if not attempt.is_known:
            lost.setdefault(of, []).append(attempt)
            continue
        same_claim = (attempt.end or 0) - int((bounds.claim_lifetime - CLOCKS) * SECOND)
        for before in lost.pop(of, ()):
            if before.call < same_claim:
                result.append(before)
            elif attempt.kind == "Claim":
                attempt = replace(attempt, call=min(attempt.call, before.call))
            else:
                result.append(replace(before, call=attempt.call))
        result.append(attempt)
    return [*result, *(attempt for left in lost.values() for attempt in left)]


TOLD = {"limitStock": limit, "createFlashSale": create_sale, "claim": claim, "releaseClaim": release}
