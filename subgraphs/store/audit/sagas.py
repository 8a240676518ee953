"""The invariant of sagas: each of them ends."""

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from subgraphs.payment.checkouts.domain import UNFINISHED
from subgraphs.payment.models import Checkout, Payment, Refund
from subgraphs.stock.models import Claim
from subgraphs.store.audit.invariant import Finding, Invariant, When
from subgraphs.store.audit.payment_lines import PAID_STATES, REVOKED_STATES
from subgraphs.store.audit.snapshots import Query, Snapshot, Snapshots


class NoSagaIsStuck(Invariant):
    """Every checkout, refund, overdue payment and lapsed claim comes to its end."""

    when = When.ENDED

    async def check(self, store: Snapshots, finding: Finding) -> None:
        tables = {"payment": (Checkout, Refund, Payment), "stock": (Claim,)}
        finding.checked = sum([await store[name].count(one) for name, all_of in tables.items() for one in all_of])
        for snapshot, query in _unfinished(store):
            for row in await snapshot.rows(query):
                finding.breach(row)


async def unfinished(store: Snapshots) -> int:
    """How many sagas have not ended."""
    return sum([await snapshot.count(query.subquery()) for snapshot, query in _unfinished(store)])


async def progress_counts(store: Snapshots) -> tuple[int, ...]:
    """Counts that change when a payment, checkout or refund begins or changes its state."""
    counts = [
        select(func.count()).where(model.state == state)
        for model, states in ((Payment, ("READY", *PAID_STATES, "CANCELLED", "EXPIRED")), (Refund, REVOKED_STATES))
        for state in states
    ]
    counts += [select(func.count(Checkout.id)), select(func.count(Refund.id))]
    return tuple([int(await store["payment"].scalar(query)) for query in counts])


def _unfinished(store: Snapshots) -> Iterator[tuple[Snapshot, Query]]:
    """Queries for work that the store should have finished, each with the snapshot to ask.

    "Overdue" is by the snapshot's clock: what became overdue later may have ended meanwhile.
    """
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
