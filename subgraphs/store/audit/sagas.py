"""What is under way: sagas that have not ended, and events that have not arrived."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, func, or_, select

from subgraphs.contracts.event import Event
from subgraphs.contracts.payment import PaymentCancelled, PaymentPaid, PaymentRefunded
from subgraphs.kit.messaging.pruning import KEPT
from subgraphs.payment.checkouts.domain import UNFINISHED
from subgraphs.payment.models import Checkout, Payment, Refund
from subgraphs.stock.models import Claim
from subgraphs.store.audit.invariant import Finding, Invariant, When
from subgraphs.store.audit.lines import PAID, TAKEN_BACK
from subgraphs.store.audit.snapshots import Query, Snapshot, Snapshots
from subgraphs.store.audit.tables import CONSUMERS, OUTBOXES

EVER = datetime.min.replace(tzinfo=UTC)
SURELY_KEPT = KEPT - timedelta(days=1)


def _under_way(store: Snapshots) -> Iterator[tuple[Snapshot, Query]]:
    """What ends by itself and had not yet. What became overdue since the snapshot may have ended meanwhile."""
    payment, stock = store["payment"], store["stock"]
    unfinished = Checkout.step.in_([step.value for step in UNFINISHED])
    yield payment, select(Checkout.id, Checkout.kind, Checkout.step, Checkout.touched_at).where(unfinished)
    yield (
        payment,
        select(Refund.id, Refund.state, Refund.requested_at, Refund.settle_at).where(
            or_(Refund.state == "REVOKING", and_(Refund.state == "IN_PROGRESS", Refund.settle_at <= payment.now))
        ),
    )
    yield (
        payment,
        select(Payment.id, Payment.state, Payment.expires_at).where(
            Payment.state == "READY", Payment.expires_at <= payment.now
        ),
    )
    yield (
        stock,
        select(Claim.id, Claim.state, Claim.expires_at).where(
            Claim.state == "HELD", Claim.payment_id.is_(None), Claim.expires_at <= stock.now
        ),
    )


async def work_left(store: Snapshots) -> int:
    """How many sagas are unfinished, and how many events are on their way."""
    left = [await store[name].count(outbox) for name, outbox in OUTBOXES.items()]
    left += [await snapshot.count(query.subquery()) for snapshot, query in _under_way(store)]
    return sum(left)


async def movements(store: Snapshots) -> tuple[int, ...]:
    """Numbers of which one changes with every step that the sagas of payment take."""
    counts = [
        select(func.count()).where(model.state == state)
        for model, states in ((Payment, ("READY", *PAID, "CANCELLED", "EXPIRED")), (Refund, TAKEN_BACK))
        for state in states
    ]
    counts += [select(func.count(Checkout.id)), select(func.count(Refund.id))]
    return tuple([int(await store["payment"].scalar(query)) for query in counts])


class NoSagaIsStuck(Invariant):
    """Every checkout, refund, expiry and lapsed claim comes to its end."""

    when = When.ENDED

    async def check(self, store: Snapshots, finding: Finding) -> None:
        tables = {"payment": (Checkout, Refund, Payment), "stock": (Claim,)}
        finding.checked = sum([await store[name].count(one) for name, all_of in tables.items() for one in all_of])
        for snapshot, query in _under_way(store):
            for row in await snapshot.rows(query):
                finding.breach(row)


class OutboxIsDrained(Invariant):
    """Every event has been confirmed by all its consumers."""

    when = When.ENDED

    async def check(self, store: Snapshots, finding: Finding) -> None:
        for subgraph, outbox in OUTBOXES.items():
            waiting = select(outbox.event_id, outbox.topic, outbox.relays, outbox.relayed_at)
            for row in await store[subgraph].rows(waiting):
                finding.checked += 1
                finding.breach(row, producer=subgraph)


class NoEventIsDeadLetter(Invariant):
    """No event was given up by its consumer."""

    when = When.ENDED

    async def check(self, store: Snapshots, finding: Finding) -> None:
        for consumer, tables in CONSUMERS.items():
            finding.checked += await store[consumer].count(tables.Inbox)
            dead = tables.DeadLetter
            for row in await store[consumer].rows(select(dead.event_id, dead.topic, dead.error)):
                finding.breach(row, consumer=consumer)


class EventsAreAppliedOnce(Invariant):
    """Each payment's charge, end and refunds have been published once, and applied once by each consumer."""

    when, across = When.ENDED, True

    async def check(self, store: Snapshots, finding: Finding) -> None:
        published = await _published(store)
        recent = await _published(store, since=store["payment"].now - SURELY_KEPT)
        for consumer, tables in CONSUMERS.items():
            applied = await store[consumer].count(tables.Inbox)
            needed = sum(count for event, count in recent.items() if consumer in event.consumers)
            finding.checked += applied
            # Old rows are pruned; and stores made by release 0.1.0 hold rows of events meant for others.
            if not needed <= applied <= sum(published.values()):
                counts = {event.topic: count for event, count in published.items()}
                finding.breach(consumer=consumer, applied=applied, **counts)


async def _published(store: Snapshots, since: datetime = EVER) -> dict[type[Event], int]:
    """How many events of each type payment must have published; of those, the ones surely made after `since`."""
    queries: dict[type[Event], Query] = {
        PaymentPaid: select(func.count(Payment.id)).where(Payment.state.in_(PAID), Payment.paid_at >= since),
        PaymentCancelled: select(func.count(Payment.id)).where(
            Payment.state.in_(("CANCELLED", "EXPIRED")), Payment.created_at >= since
        ),
        PaymentRefunded: select(func.count(Refund.id)).where(
            Refund.state.in_(TAKEN_BACK), Refund.requested_at >= since
        ),
    }
    return {event: int(await store["payment"].scalar(query)) for event, query in queries.items()}
