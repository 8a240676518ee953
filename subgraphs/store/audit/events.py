"""Invariants of events: each is delivered to every consumer, once."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from subgraphs.contracts.event import Event
from subgraphs.contracts.payment import PaymentCancelled, PaymentPaid, PaymentRefunded
from subgraphs.kit.messaging.pruning import KEPT
from subgraphs.payment.models import Payment, Refund
from subgraphs.store.audit.invariant import Finding, Invariant, When
from subgraphs.store.audit.payment_lines import PAID_STATES, REVOKED_STATES
from subgraphs.store.audit.snapshots import Query, Snapshots
from subgraphs.store.audit.tables import CONSUMERS, OUTBOXES

EVER = datetime.min.replace(tzinfo=UTC)
NOT_YET_PRUNED = KEPT - timedelta(days=1)


class OutboxIsDrained(Invariant):
    """Every event was confirmed by all its consumers."""

    when = When.ENDED

    async def check(self, store: Snapshots, finding: Finding) -> None:
        for producer, outbox in OUTBOXES.items():
            waiting = select(outbox.event_id, outbox.topic, outbox.relays, outbox.relayed_at)
            for row in await store[producer].rows(waiting):
                finding.checked += 1
                finding.breach(row, producer=producer)


class NoDeadLetters(Invariant):
    """No consumer has a dead letter: an event that it has given up."""

    when = When.ENDED

    async def check(self, store: Snapshots, finding: Finding) -> None:
        for consumer, tables in CONSUMERS.items():
            finding.checked += await store[consumer].count(tables.Inbox)
            letter = tables.DeadLetter
            for row in await store[consumer].rows(select(letter.event_id, letter.topic, letter.error)):
                finding.breach(row, consumer=consumer)


class EventsAreAppliedOnce(Invariant):
    """Each consumer has applied the events of each charge, cancellation and refund of a payment once."""

    when, cross_database = When.ENDED, True

    async def check(self, store: Snapshots, finding: Finding) -> None:
        published = await _published(store)
        since = store["payment"].now - NOT_YET_PRUNED
        recent = await _published(store, since)
        not_for_stock, recently = [await _not_for_stock(store, instant) for instant in (EVER, since)]
        for consumer, tables in CONSUMERS.items():
            applied = await store[consumer].count(tables.Inbox)
            needed = sum(count for event, count in recent.items() if consumer in event.consumers)
            allowed = sum(published.values())
            if consumer == "stock":
                needed, allowed = needed - recently, allowed - not_for_stock
            finding.checked += applied
            # Old inbox rows are pruned, and stores made by release 0.1.0 have rows of events for other consumers.
            if not needed <= applied <= allowed:
                counts = {event.topic: count for event, count in published.items()}
                finding.breach(consumer=consumer, applied=applied, **counts)


async def undelivered(store: Snapshots) -> int:
    """How many events are not confirmed by all their consumers."""
    return sum([await store[name].count(outbox) for name, outbox in OUTBOXES.items()])


async def _published(store: Snapshots, since: datetime = EVER) -> dict[type[Event], int]:
    """How many events of each type payment must have published; only those surely published after `since`."""
    queries: dict[type[Event], Query] = {
        PaymentPaid: _paid(since),
        PaymentCancelled: select(func.count(Payment.id)).where(
            Payment.state.in_(("CANCELLED", "EXPIRED")), Payment.created_at >= since
        ),
        PaymentRefunded: select(func.count(Refund.id)).where(
            Refund.state.in_(REVOKED_STATES), Refund.requested_at >= since
        ),
    }
    return {event: int(await store["payment"].scalar(query)) for event, query in queries.items()}


async def _not_for_stock(store: Snapshots, since: datetime) -> int:
    """How many charged payments hold no units."""
    return int(await store["payment"].scalar(_paid(since).where(Payment.holds_units.is_(False))))


def _paid(since: datetime) -> Query:
    """How many payments were charged since then."""
    return select(func.count(Payment.id)).where(Payment.state.in_(PAID_STATES), Payment.paid_at >= since)
