"""The relay: sends what the outbox holds to the subgraph's Redis Stream, in the order of the transactions."""

import asyncio

from redis.asyncio import Redis
from sqlalchemy import select, update

from subgraphs.kit import telemetry
from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import Database
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.messaging.confirmations import FIRST_CHECK
from subgraphs.kit.messaging.outbox import Outbox
from subgraphs.kit.messaging.streams import stream_of
from subgraphs.kit.messaging.tables import OutboxColumns

BATCH = 500
POLL_SECONDS = 0.5
# The first event goes out at once. Those of the next moments go together, which costs their consumers far less.
GATHER_SECONDS = 0.15


class Relay:
    """Sends one subgraph's events. Any number of processes may run one."""

    def __init__(
        self, subgraph: str, outbox: Outbox, table: type[OutboxColumns], database: Database, redis: Redis
    ) -> None:
        self._stream = stream_of(subgraph)
        self._outbox = outbox
        self._table = table
        self._database = database
        self._redis = redis

    async def run(self) -> None:
        """Relays for as long as the process lives."""
        while True:
            count = 0
            try:
                count = await self.relay()
            except Exception as error:
                telemetry.failed("relay", error)
            if count == BATCH:
                continue
            if count:
                await asyncio.sleep(GATHER_SECONDS)
            await self._outbox.wait(POLL_SECONDS)

    async def relay(self) -> int:
        """Sends the waiting events, in order; returns how many there were (at most a batch)."""
        table = self._table
        columns = (table.id, table.event_id, table.topic, table.payload)
        waiting = select(*columns).where(table.relayed_at.is_(None)).order_by(table.id).limit(BATCH)
        async with self._database.reading() as session:
            first = await session.scalar(waiting.with_only_columns(table.id).limit(1))
        if first is None:
            return 0
        await failpoint("relay: before")
        await self._redis.ping()  # before the transaction, so that a hung Redis cannot hold row locks
        async with self._database.transaction() as session:
            # Whoever locks the first event relays; a second relay beside it would mix up the order. The rest is
            # read without locks: a locking read may skip a row that commits meanwhile and see a later one.
            mine = select(table.id).where(table.id == first, table.relayed_at.is_(None))
            if await session.scalar(mine.with_for_update(skip_locked=True)) is None:
                return 0
            rows = (await session.execute(waiting.add_columns(utc_now().label("now")))).all()
            async with self._redis.pipeline(transaction=False) as pipe:
                for row in rows:
                    fields = {"id": row.event_id, "topic": row.topic, "payload": row.payload}
                    pipe.xadd(self._stream, fields)  # type: ignore[arg-type]
                await pipe.execute()
            await failpoint("relay: sent")
            now = rows[0].now
            await session.execute(
                update(table)
                .where(table.id.in_([row.id for row in rows]))
                .values(relayed_at=now, check_at=now + FIRST_CHECK, relays=table.relays + 1)
                .execution_options(synchronize_session=False)
            )
        telemetry.EVENTS_RELAYED.inc(len(rows))
        return len(rows)
