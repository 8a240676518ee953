"""Ways to leave work undone: sagas, events, and what Redis knows of a sale."""

from datetime import UTC, datetime, timedelta

from subgraphs.kit.database.columns import new_id
from subgraphs.library.models import DeadLetter as LibraryParked
from subgraphs.library.models import Inbox as LibraryInbox
from subgraphs.payment.models import Checkout, Outbox, Payment, Refund
from subgraphs.stock.models import Claim, FlashSale
from subgraphs.stock.models import Inbox as StockInbox
from tests.audit.breaks.broken import Break, free_claim
from tests.audit.world import Change, World

PAST = datetime.now(UTC) - timedelta(hours=1)


def _parked(world: World) -> Change:
    values = {"producer": "payment", "topic": "t", "payload": "{}", "error": "", "parked_at": PAST}
    return world.new(LibraryParked, event_id=world.one(LibraryInbox)["event_id"], **values)


WORK = (
    Break("NoSagaIsStuck", "half-way", lambda w: [w.one(Checkout, step="FAILED").changed(step="UNDOING")]),
    Break("NoSagaIsStuck", "unrevoked", lambda w: [w.one(Refund).changed(state="REVOKING")]),
    Break(
        "NoSagaIsStuck",
        "never settled",
        lambda w: [w.one(Refund, state="COMPLETED").changed(state="IN_PROGRESS", settle_at=PAST)],
    ),
    Break("NoSagaIsStuck", "not expired", lambda w: [w.one(Payment, state="READY").changed(expires_at=PAST)]),
    Break("NoSagaIsStuck", "not taken back", lambda w: [free_claim(w).changed(expires_at=PAST)]),
    Break("OutboxIsDrained", "one left", lambda w: [w.new(Outbox, event_id=new_id(), topic="t", payload="", relays=0)]),
    Break("NoEventIsParked", "one", lambda w: [_parked(w)]),
    Break("EventsAreAppliedOnce", "one lost", lambda w: [w.one(StockInbox).removed()]),
    Break("EventsAreAppliedOnce", "one too many", lambda w: [w.one(StockInbox).copied(event_id=new_id())]),
    Break(
        "CacheKnowsNoMore",
        "a claim that has ended",
        lambda w: [w.one(Claim, state="HELD").changed(state="EXPIRED", live_key=None)],
    ),
    Break("CacheKnowsNoMore", "a claim that never was", lambda w: [free_claim(w).removed()]),
    Break("CacheKnowsNoMore", "a claim that was sold", lambda w: [free_claim(w).changed(state="SOLD")]),
    Break("CacheKnowsNoMore", "more units", lambda w: [w.one(FlashSale).changed(units=1)]),
)
