"""The events of a history: collected from attempts, and made as few as they can be."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from tests.histories.checker import Answer, Event, Input
from tests.histories.recorder import Attempt

SECOND = 1_000_000_000


@dataclass(frozen=True)
class Bounds:
    """In seconds. What has no bound may happen until the end of the history, as under faults."""

    payment_lifetime: float
    claim_lifetime: float
    follows: float | None = None
    """What follows an acknowledged change, such as the unit of a refund that others can buy."""
    expires: float | None = None
    """How long after its time something has ended."""
    settles: float | None = None
    """How long after a refund its points are credited."""


@dataclass
class Events:
    """Collects what an attempt was for each object."""

    found: list[Event] = field(default_factory=list)

    def tell(self, attempt: Attempt, model: str, key: str, asked: Input, answer: Answer) -> None:
        """Adds an operation with its answer, or open to the end if the outcome is not known."""
        if attempt.is_known:
            self.found.append(Event(model, key, attempt.call, attempt.end, asked, answer))
        else:
            self.found.append(Event(model, key, attempt.call, None, asked))

    def during(self, attempt: Attempt, model: str, key: str, asked: Input) -> None:
        """Adds what the store has done before it answered."""
        self.found.append(Event(model, key, attempt.call, attempt.end if attempt.is_known else None, asked))

    def later(
        self,
        attempt: Attempt,
        model: str,
        key: str,
        asked: Input,
        within: float | None,
        after: float = 0,
        since: Attempt | None = None,
    ) -> None:
        """Adds what the store does itself, `after` some seconds and `within` some more.

        It may begin that long after the call of `since`, if that came before the attempt's own.
        """
        first = min(attempt.call, since.call) if since else attempt.call
        call, end = first + int(after * SECOND), None
        if within is not None and attempt.is_known:
            end = (attempt.end or 0) + int((after + within) * SECOND)
        self.found.append(Event(model, key, call, end, asked))


ONCE = {"top-up", "pay", "hold", "sell", "leave", "buy", "revoke", "free", "start", "cancel-payment"}
"""Operations with an id that take effect once, however often they are sent."""
OWN = {("wallet", "credit"), ("units", "release"), ("sale", "expire"), ("sale", "return"), ("order", "expire")}
"""What the store does by itself, once for an id."""


def fewest(events: Iterable[Event]) -> list[Event]:
    """The same history with fewer open operations, which cost the checker most.

    Of requests that take effect once, all that were lost are one; and one that has succeeded was the lost one, too.
    What the store does itself is told once. What would begin after the end has not begun.
    """
    result: list[Event] = []
    by_id: dict[tuple[str, str, str, str], list[Event]] = {}
    for event in events:
        by_id.setdefault((event.model, event.key, event.asked.op, event.asked.id), []).append(event)
    for (model, _, op, id), same in by_id.items():
        if (model, op) in OWN:
            result.append(_widest(same))
        else:
            result += _merged(same) if id and op in ONCE else same
    last = max((event.end or event.call for event in result if event.answer is not None), default=0)
    return [event for event in result if event.call <= last]


def _merged(same: list[Event]) -> list[Event]:
    lost = [event for event in same if event.end is None]
    known = sorted((event for event in same if event.end is not None), key=lambda event: event.end or 0)
    if not lost:
        return known
    first = min(event.call for event in lost)
    succeeded = [event for event in known if event.answer is None or event.answer.result == "ok"]
    if not succeeded:
        return [*known, replace(lost[0], call=first)]
    was = succeeded[0]
    return [replace(event, call=min(first, event.call)) if event is was else event for event in known]


def _widest(same: list[Event]) -> Event:
    ends = [event.end for event in same if event.end is not None]
    end = max(ends) if len(ends) == len(same) else None
    return replace(same[0], call=min(event.call for event in same), end=end)
