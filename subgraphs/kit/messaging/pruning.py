"""Pruning: deletes the inbox rows of events that can never be delivered again.

An event is delivered again for as long as its producer's outbox holds it, or its stream holds an entry of it that
this subgraph has not acknowledged. So a first look notes the oldest event of each producer's outbox and the time
by Redis's clock; a later look, once everything that was sent before that time is acknowledged, deletes the rows
that are older than both, and a week old: that is how far back a restored Redis may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.asyncio import Redis
from sqlalchemy import delete, select

from subgraphs.contracts.confirm import OldestRequest, oldest_command
from subgraphs.kit.database.columns import first_id_at, utc_now
from subgraphs.kit.database.database import Database, retry_on_conflict
from subgraphs.kit.messaging.streams import Position, acknowledged
from subgraphs.kit.messaging.tables import InboxColumns
from subgraphs.kit.peers import Peers

KEPT = timedelta(days=7)
BATCH = 1000


@dataclass(frozen=True)
class Look:
    """What one look found: events with ids below `oldest` are confirmed, and were sent before `time`."""

    oldest: str
    time: Position
    kept_from: datetime


class Pruning:
    """Deletes one consumer's old inbox rows, in batches."""

    def __init__(
        self,
        subgraph: str,
        inbox: type[InboxColumns],
        producers: Sequence[str],
        database: Database,
        redis: Redis,
        peers: Peers,
        kept: timedelta = KEPT,
    ) -> None:
        self._subgraph = subgraph
        self._inbox = inbox
        self._producers = producers
        self._database = database
        self._redis = redis
        self._peers = peers
        self._kept = kept
        self._look: Look | None = None

    async def prune(self) -> None:
        """Deletes what the last look allows, and looks again. Raises Unavailable where a producer does not answer."""
        if self._look is None:
            self._look = await self._look_around()
        elif await self._acknowledged_up_to() > self._look.time:
            while await self._delete(self._look) == BATCH:
                pass
            self._look = None

    async def _look_around(self) -> Look:
        async with self._database.reading() as session:
            now = await session.scalar(select(utc_now()))
        assert now is not None
        oldest = [(await self._peers.call(oldest_command(name), [OldestRequest()]))[0] for name in self._producers]
        seconds, microseconds = await self._redis.time()
        time = (seconds * 1000 + microseconds // 1000, 0)
        return Look(min(outcome.event_id for outcome in oldest), time, now - self._kept)

    async def _acknowledged_up_to(self) -> Position:
        return min([(await acknowledged(self._redis, name))[self._subgraph] for name in self._producers])

    @retry_on_conflict
    async def _delete(self, look: Look) -> int:
        inbox = self._inbox
        # Ids begin with the time they were made, so the old ones are the first of the primary key.
        before = min(look.oldest, first_id_at(look.kept_from))
        old = select(inbox.event_id).where(inbox.event_id < before, inbox.applied_at < look.kept_from)
        async with self._database.transaction() as session:
            ids = (await session.scalars(old.order_by(inbox.event_id).limit(BATCH))).all()
            await session.execute(delete(inbox).where(inbox.event_id.in_(ids)))
        return len(ids)
