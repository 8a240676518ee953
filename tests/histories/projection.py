"""What each recorded attempt was for the wallet, units, sale, order, game and session that it concerns."""

from collections.abc import Callable, Sequence
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
    for attempt in attempts:
        if tell := TOLD.get(attempt.field):
            tell(events, known, bounds, attempt, attempt.arguments)
    return fewest(events.found)
