"""Invariants of events: each is delivered to every consumer, once."""

from sqlalchemy import func, select

from subgraphs.contracts.event import Event
from subgraphs.contracts.payment import PaymentCancelled, PaymentPaid, PaymentRefunded
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.payment.models import Payment, Refund
from subgraphs.store.audit.invariant import Finding, Invariant, When
from subgraphs.store.audit.payment_lines import PAID_STATES, REVOKED_STATES
from subgraphs.store.audit.snapshots import Query, Snapshots
from subgraphs.store.audit.tables import TABLES


class OutboxIsDrained(Invariant):
    """Every event was confirmed by all its consumers."""

    when = When.ENDED

    async def check(self, store: Snapshots, finding: Finding) -> None:
        for subgraph in SUBGRAPHS:
            outbox = TABLES[subgraph].Outbox
            waiting = select(outbox.event_id, outbox.topic, outbox.relays, outbox.relayed_at)
            for row in await store[subgraph].rows(waiting):
                finding.checked += 1
                finding.breach(row, producer=subgraph)


class NoDeadLetters(Invariant):
    """No consumer has a dead letter: an event that it has given up."""

    when = When.ENDED

    async def check(self, store: Snapshots, finding: Finding) -> None:
        for subgraph in SUBGRAPHS:
            finding.checked += await store[subgraph].count(TABLES[subgraph].Inbox)
            letter = TABLES[subgraph].DeadLetter
            for row in await store[subgraph].rows(select(letter.event_id, letter.topic, letter.error)):
                finding.breach(row, consumer=subgraph)


class EventsAreAppliedOnce(Invariant):
    """Each consumer has applied one event for each charge, end and refund of a payment."""

    when, cross_database = When.ENDED, True

    async def check(self, store: Snapshots, finding: Finding) -> None:
        published = await _published(store)
        for consumer in sorted(set[str]().union(*[event.consumers for event in published])):
            applied = await store[consumer].count(TABLES[consumer].Inbox)
            needed = sum(count for event, count in published.items() if consumer in event.consumers)
            finding.checked += applied
            # A consumer's inbox also gets the events that it has no use for, but nothing waits for those.
            if not needed <= applied <= sum(published.values()):
                counts = {event.topic: count for event, count in published.items()}
                finding.breach(consumer=consumer, applied=applied, **counts)


async def undelivered(store: Snapshots) -> int:
    """How many events are not confirmed by all their consumers."""
    return sum([await store[name].count(TABLES[name].Outbox) for name in SUBGRAPHS])


async def _published(store: Snapshots) -> dict[type[Event], int]:
    """How many events of each type payment must have published."""
    queries: dict[type[Event], Query] = {
        PaymentPaid: select(func.count(Payment.id)).where(Payment.state.in_(PAID_STATES)),
        PaymentCancelled: select(func.count(Payment.id)).where(Payment.state.in_(("CANCELLED", "EXPIRED"))),
        PaymentRefunded: select(func.count(Refund.id)).where(Refund.state.in_(REVOKED_STATES)),
    }
    return {event: int(await store["payment"].scalar(query)) for event, query in queries.items()}
