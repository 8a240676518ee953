"""Confirmations: asks consumers which events they have applied, deletes those, and has overdue ones sent again."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, Table, bindparam, delete, func, select, update

from subgraphs.contracts.confirm import AppliedRequest, applied_command
from subgraphs.contracts.event import concerns
from subgraphs.kit import telemetry
from subgraphs.kit.age import Age
from subgraphs.kit.database.columns import made_at, utc_now
from subgraphs.kit.database.database import Database, after_commit, retry_on_conflict
from subgraphs.kit.database.repository import table_of
from subgraphs.kit.errors import Unavailable
from subgraphs.kit.messaging.outbox import Outbox, Publishes
from subgraphs.kit.peers import Peers

BATCH = 500
# Consumers are asked 1 s after an event was sent; it is sent again 5, 10, 20 ... 300 s after it was sent last.
FIRST_CHECK = timedelta(seconds=1)
FIRST_REPEAT = timedelta(seconds=5)
LONGEST_REPEAT = timedelta(seconds=300)


class Confirmations:
    """Follows one subgraph's sent events until every consumer that they concern has applied them.

    It asks by the events' ids. How far a consumer has come in the stream does not tell: a Redis that was restored may
    have lost an event that stood before. By the same ids it finds their rows again: while it asks, another process may
    have deleted the last row, and SQLite gives its number to the next one.
    """

    def __init__(self, publishes: Publishes, outbox: Outbox, database: Database, peers: Peers) -> None:
        self._consumers = publishes.consumers
        self._table = table_of(publishes.outbox)
        self._waiting = select(func.count(self._table.c.id), func.min(self._table.c.event_id))
        self._oldest = Age(telemetry.OUTBOX_OLDEST)
        self._due = _due(self._table)
        self._delete = delete(self._table).where(self._table.c.event_id.in_(bindparam("ids", expanding=True)))
        self._outbox = outbox
        self._database = database
        self._peers = peers

    async def confirm(self) -> None:
        """Asks about every event whose check is due."""
        while await self._confirm() == BATCH:
            pass

    async def _confirm(self) -> int:
        async with self._database.reading() as session:
            pending, oldest = (await session.execute(self._waiting)).one()
            telemetry.OUTBOX_PENDING.set(pending)
            self._oldest.since(made_at(oldest) if oldest else None)
            if not pending:
                return 0
            # A topic that only a newer version publishes is for its processes to confirm.
            rows = (await session.execute(self._due, {"topics": list(self._consumers)})).all()
        if not rows:
            return 0
        now = rows[0].now
        missing = await self._not_applied(rows)
        overdue = [row for row in rows if row.event_id in missing and row.relayed_at is not None]
        again = [row.event_id for row in overdue if now - row.relayed_at >= _patience(row.relays)]
        await self._record(
            applied=[row.event_id for row in rows if row.event_id not in missing],
            again=again,
            later=[row.event_id for row in overdue if row.event_id not in again],
            now=now,
        )
        return len(rows)

    async def _not_applied(self, rows: Sequence[Any]) -> set[str]:
        """The events that some consumer has not applied, or did not answer for."""
        by_consumer: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            for consumer in self._consumers[row.topic]:
                if concerns(row.topic, row.payload, consumer):
                    by_consumer[consumer].append(row.event_id)
        missing: set[str] = set()
        for consumer, ids in by_consumer.items():
            try:
                [outcome] = await self._peers.call(applied_command(consumer), [AppliedRequest(ids)])
            except Unavailable:
                missing.update(ids)
            else:
                missing.update(outcome.missing)
        return missing

    @retry_on_conflict
    async def _record(self, applied: list[str], again: list[str], later: list[str], now: datetime) -> None:
        table = self._table
        async with self._database.transaction() as session:
            if applied:
                await session.execute(self._delete, {"ids": applied})
            if again:
                unsent = update(table).where(table.c.event_id.in_(again)).values(relayed_at=None, check_at=None)
                await session.execute(unsent)
                after_commit(session, self._outbox.wake)
            if later:
                await session.execute(
                    update(table).where(table.c.event_id.in_(later)).values(check_at=now + FIRST_CHECK)
                )


def _due(outbox: Table) -> Executable:
    """The events of `topics` whose consumers are to be asked now, a batch."""
    event = (outbox.c.event_id, outbox.c.topic, outbox.c.payload)
    return (
        select(*event, outbox.c.relays, outbox.c.relayed_at, utc_now().label("now"))
        .where(outbox.c.check_at <= utc_now(), outbox.c.topic.in_(bindparam("topics", expanding=True)))
        .order_by(outbox.c.check_at)
        .limit(BATCH)
    )


def _patience(relays: int) -> timedelta:
    """How long to wait for confirmations of an event that was sent `relays` times."""
    doublings = min(relays - 1, 10)
    return min(FIRST_REPEAT * 2.0**doublings, LONGEST_REPEAT)
