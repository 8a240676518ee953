"""The relay: sends what the outbox holds to the subgraph's Redis Stream, in the order of the transactions."""

import asyncio

from redis.asyncio import Redis
from sqlalchemy import Table, bindparam, select, update

from subgraphs.kit import telemetry, tracing
from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import Database
from subgraphs.kit.database.repository import table_of
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.messaging.confirmations import FIRST_CHECK
from subgraphs.kit.messaging.outbox import Outbox
from subgraphs.kit.messaging.streams import stream_of
from subgraphs.kit.messaging.tables import OutboxColumns

BATCH = 500
# A process that commits an event wakes its own relay. Polls find what a process has left that was killed.
POLL_SECONDS = 1
# A lone event goes out at once. Under load those of the next moments go together, which costs consumers far less: the
# relay rests for each event that it has sent, up to half a second.
REST_SECONDS = 0.1
LONGEST_REST_SECONDS = 0.5

# Adds all events in one step: otherwise a waiting consumer would get the first one alone.
# ARGV: id, topic, payload, id ...
SEND = """
for index = 1, #ARGV, 3 do
  redis.call('XADD', KEYS[1], '*', 'id', ARGV[index], 'topic', ARGV[index + 1], 'payload', ARGV[index + 2])
end
"""


class _Statements:
    """The SQL statements of a relay, built once for its outbox table."""

    def __init__(self, outbox: Table) -> None:
        column = outbox.c
        is_waiting = column.relayed_at.is_(None)
        self.first = select(column.id).where(is_waiting).order_by(column.id).limit(1)
        self.lock = (
            select(column.id).where(column.id == bindparam("first"), is_waiting).with_for_update(skip_locked=True)
        )
        self.waiting = (
            select(column.id, column.event_id, column.topic, column.payload, utc_now().label("now"))
            .where(is_waiting)
            .order_by(column.id)
            .limit(BATCH)
        )
        self.mark_sent = (
            update(outbox)
            .where(column.id.in_(bindparam("ids", expanding=True)))
            .values(relayed_at=bindparam("now"), check_at=bindparam("then"), relays=column.relays + 1)
        )


class Relay:
    """Sends one subgraph's events. Any number of processes may run one."""

    def __init__(
        self, subgraph: str, outbox: Outbox, table: type[OutboxColumns], database: Database, redis: Redis
    ) -> None:
        self._stream = stream_of(subgraph)
        self._outbox = outbox
        self._statements = _Statements(table_of(table))
        self._database = database
        self._redis = redis
        self._send = redis.register_script(SEND)

    async def run(self) -> None:
        """Relays for as long as the process lives."""
        telemetry.may_fail("relay")
        while True:
            count = 0
            try:
                count = await self.relay()
            except Exception as error:
                telemetry.failed("relay", error)
            if count == BATCH:
                continue
            if count:
                await asyncio.sleep(min(count * REST_SECONDS, LONGEST_REST_SECONDS))
            await self._outbox.wait(POLL_SECONDS)

    async def relay(self) -> int:
        """Sends the waiting events, in order; returns how many there were (at most a batch)."""
        statements = self._statements
        async with self._database.reading() as session:
            first = await session.scalar(statements.first)
        if first is None:
            return 0
        await failpoint("relay: before")
        # Asks the server that has the stream whether it answers: if it hangs, it must do so before rows are locked.
        await self._redis.exists(self._stream)
        async with self._database.transaction() as session:
            # Whoever locks the first event relays; a second relay beside it would mix up the order. The rest is
            # read without locks: a locking read may skip a row that commits meanwhile and see a later one.
            if await session.scalar(statements.lock, {"first": first}) is None:
                return 0
            rows = (await session.execute(statements.waiting)).all()
            with tracing.span("send events", *tracing.of_events(row.payload for row in rows)):
                parts = [part for row in rows for part in (row.event_id, row.topic, row.payload)]
                await self._send([self._stream], parts)
            await failpoint("relay: sent")
            now = rows[0].now
            sent = {"ids": [row.id for row in rows], "now": now, "then": now + FIRST_CHECK}
            await session.execute(statements.mark_sent, sent)
        telemetry.EVENTS_RELAYED.inc(len(rows))
        return len(rows)
