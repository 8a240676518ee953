"""What each recorded attempt was for the wallet, units, sale, order, game and session that it concerns."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tests.histories import claims, payments, reads, sessions
from tests.histories.checker import Event
from tests.histories.events import Bounds, Events, fewest
from tests.histories.known import Known
from tests.histories.recorder import Attempt

Told = Callable[[Events, Known, Bounds, Attempt, dict[str, Any]], None]
TOLD: dict[str, Told] = {**payments.TOLD, **claims.TOLD, **reads.TOLD, **sessions.TOLD}
"""By root field."""


def events_of(attempts: Sequence[Attempt], bounds: Bounds) -> list[Event]:
    """The history of each object, as the checker's models have it."""
    known, events = Known.of(attempts), Events()
    for attempt in claims.traced(decided(attempts), bounds):
        if tell := TOLD.get(attempt.field):
            tell(events, known, bounds, attempt, attempt.arguments)
    return fewest(events.found)


REMEMBERED = {"checkout", "startPayment", "topUp"}
"""The store remembers their outcome with the idempotency key, and answers it to every repetition."""


def decided(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Of the attempts with one key, one: from the first call to the first answer, between which it was decided."""
    result: list[Attempt] = []
    with_key: dict[tuple[str, str, str], list[Attempt]] = {}
    for attempt in attempts:
        key = (attempt.arguments.get("input") or attempt.arguments).get("idempotencyKey")
        if attempt.field in REMEMBERED and key is not None:
            with_key.setdefault((attempt.user, attempt.field, key), []).append(attempt)
        else:
            result.append(attempt)
    for same in with_key.values():
        answered = [attempt for attempt in same if attempt.is_known]
        first = min(answered, key=lambda attempt: attempt.end or 0, default=same[0])
        result.append(replace(first, call=min(attempt.call for attempt in same)))
    return result
