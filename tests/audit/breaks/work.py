"""Breaks of the invariants of sagas, events and the claim cache."""

from datetime import UTC, datetime, timedelta

from subgraphs.kit.database.columns import new_id
from subgraphs.library.models import DeadLetter as LibraryDeadLetter
from subgraphs.library.models import Inbox as LibraryInbox
from subgraphs.payment.models import Checkout, Outbox, Payment, Refund
from subgraphs.stock.models import Claim, FlashSale
from subgraphs.stock.models import Inbox as StockInbox
from tests.audit.breaks.base import Break, free_claim
from tests.audit.store_copy import Change, StoreCopy

PAST = datetime.now(UTC) - timedelta(hours=1)


def _dead_letter(copy: StoreCopy) -> Change:
    values = {"producer": "payment", "topic": "t", "payload": "{}", "error": "", "failed_at": PAST}
    return copy.new(LibraryDeadLetter, event_id=copy.one(LibraryInbox)["event_id"], **values)


WORK = (
    Break(
        "NoSagaIsStuck", "an unfinished checkout", lambda c: [c.one(Checkout, step="FAILED").changed(step="UNDOING")]
    ),
    Break("NoSagaIsStuck", "an unfinished refund", lambda c: [c.one(Refund).changed(state="REVOKING")]),
    Break(
        "NoSagaIsStuck",
        "an overdue refund",
        lambda c: [c.one(Refund, state="COMPLETED").changed(state="IN_PROGRESS", settle_at=PAST)],
    ),
    Break("NoSagaIsStuck", "an overdue payment", lambda c: [c.one(Payment, state="READY").changed(expires_at=PAST)]),
    Break("NoSagaIsStuck", "a lapsed claim", lambda c: [free_claim(c).changed(expires_at=PAST)]),
    Break(
        "OutboxIsDrained",
        "an undelivered event",
        lambda c: [c.new(Outbox, event_id=new_id(), topic="t", payload="", relays=0)],
    ),
    Break("NoDeadLetters", "a dead letter", lambda c: [_dead_letter(c)]),
    Break("EventsAreAppliedOnce", "a lost event", lambda c: [c.one(StockInbox).removed()]),
    Break("EventsAreAppliedOnce", "an event too many", lambda c: [c.one(StockInbox).copied(event_id=new_id())]),
    Break(
        "CacheKnowsNoMore",
        "a claim that has ended",
        lambda c: [c.one(Claim, state="HELD").changed(state="EXPIRED", live_key=None)],
    ),
    Break("CacheKnowsNoMore", "a claim that never was", lambda c: [free_claim(c).removed()]),
    Break("CacheKnowsNoMore", "a claim that was sold", lambda c: [free_claim(c).changed(state="SOLD")]),
    Break("CacheKnowsNoMore", "more units", lambda c: [c.one(FlashSale).changed(units=1)]),
)
