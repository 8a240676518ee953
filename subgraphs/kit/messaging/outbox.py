"""The transactional outbox: an event is written where the change is, and relayed to a Redis Stream after.

Delivery is at least once: a row stays until every consumer confirmed that it has applied the event, and is
relayed again when a confirmation is overdue. So Redis may lose everything it holds and no event is lost.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import BigInteger, Index, Integer, String, Text, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from subgraphs.contracts.confirm import AppliedRequest, applied_command
from subgraphs.contracts.event import TOPICS, Event
from subgraphs.kit import telemetry
from subgraphs.kit.database.columns import Id, new_id, utc_now
from subgraphs.kit.database.database import Database, after_commit, retry_on_conflict
from subgraphs.kit.errors import Unavailable
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.messaging.streams import stream_of
from subgraphs.kit.peers import Peers

RELAY_BATCH = 500
POLL_SECONDS = 0.5
# A first event goes out at once; those of the next moments go together, which costs their consumers far less.
GATHER_SECONDS = 0.15
# An unconfirmed event is looked after 1 s after its relay, and relayed again 5, 10, 20 ... 300 s after it.
FIRST_CHECK = timedelta(seconds=1)
FIRST_REPEAT = timedelta(seconds=5)
LONGEST_REPEAT = timedelta(seconds=300)


class OutboxColumns:
    """One event on its way; deleted once all its consumers have confirmed it."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    event_id: Mapped[Id] = mapped_column(unique=True)
    topic: Mapped[str] = mapped_column(String(60))
    payload: Mapped[str] = mapped_column(Text)
    relays: Mapped[int] = mapped_column(default=0)
    relayed_at: Mapped[datetime | None]
    check_at: Mapped[datetime | None]

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        return (Index("ix_outbox_relayed_at", "relayed_at", "id"), Index("ix_outbox_check_at", "check_at"))


class Outbox:
    """Writes, relays and confirms one subgraph's events."""

    def __init__(
        self, subgraph: str, table: type[OutboxColumns], database: Database, redis: Redis, peers: Peers
    ) -> None:
        self._subgraph = subgraph
        self._table = table
        self._database = database
        self._redis = redis
        self._peers = peers
        self._written = asyncio.Event()

    async def add(self, session: AsyncSession, events: Sequence[Event]) -> None:
        """Writes events in the caller's transaction; they are relayed as soon as it has committed."""
        if not events:
            return
        rows = [
            {"event_id": new_id(), "topic": event.topic, "payload": msgspec.json.encode(event).decode()}
            for event in events
        ]
        await session.execute(insert(self._table), rows)
        after_commit(session, self._written.set)

    async def run_relay(self) -> None:
        """Relays for as long as the process lives."""
        while True:
            count = 0
            try:
                count = await self.relay()
            except Exception as error:
                telemetry.failed("relay", error)
            if count == RELAY_BATCH:
                continue
            if count:
                await asyncio.sleep(GATHER_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._written.wait(), POLL_SECONDS)
            self._written.clear()

    async def relay(self) -> int:
        """Sends what waits, in order, to the stream; returns how many events that were."""
        table = self._table
        columns = (table.id, table.event_id, table.topic, table.payload)
        waiting = select(*columns).where(table.relayed_at.is_(None)).order_by(table.id).limit(RELAY_BATCH)
        async with self._database.reading() as session:
            first = await session.scalar(waiting.with_only_columns(table.id).limit(1))
        if first is None:
            return 0
        await failpoint("relay: before")
        # Asked outside of the transaction: everybody would have to wait for what a Redis that hangs keeps locked.
        await self._redis.ping()
        async with self._database.transaction() as session:
            # Whoever has the first event relays; the others, beside it, would mix up the order. The rest is read
            # without locks: a locking read may miss what is committed while it runs, and see what comes after.
            mine = select(table.id).where(table.id == first, table.relayed_at.is_(None))
            if await session.scalar(mine.with_for_update(skip_locked=True)) is None:
                return 0
            rows = (await session.execute(waiting)).all()
            async with self._redis.pipeline(transaction=False) as pipe:
                for row in rows:
                    fields = {"id": row.event_id, "topic": row.topic, "payload": row.payload}
                    pipe.xadd(stream_of(self._subgraph), fields)  # type: ignore[arg-type]
                await pipe.execute()
            await failpoint("relay: sent")
            now = await session.scalar(select(utc_now()))
            assert now is not None
            await session.execute(
                update(table)
                .where(table.id.in_([row.id for row in rows]))
                .values(relayed_at=now, check_at=now + FIRST_CHECK, relays=table.relays + 1)
                .execution_options(synchronize_session=False)
            )
        telemetry.EVENTS_RELAYED.inc(len(rows))
        return len(rows)

    async def confirm(self) -> None:
        """Asks consumers about relayed events: deletes the applied ones, relays the overdue ones again."""
        while await self._confirm() == RELAY_BATCH:
            pass

    async def _confirm(self) -> int:
        table = self._table
        columns = (table.id, table.event_id, table.topic, table.relays, table.relayed_at)
        async with self._database.reading() as session:
            now = await session.scalar(select(utc_now()))
            assert now is not None
            due = select(*columns).where(table.check_at <= now).order_by(table.check_at).limit(RELAY_BATCH)
            rows = (await session.execute(due)).all()
            telemetry.OUTBOX_PENDING.set(await session.scalar(select(func.count(table.id))) or 0)
        if not rows:
            return 0
        missing = await self._not_applied(rows)
        overdue = [row for row in rows if row.event_id in missing and row.relayed_at is not None]
        again = [row.id for row in overdue if now - row.relayed_at >= _patience(row.relays)]
        await self._settle(
            done=[row.id for row in rows if row.event_id not in missing],
            again=again,
            later=[row.id for row in overdue if row.id not in again],
            now=now,
        )
        return len(rows)

    async def _not_applied(self, rows: Sequence[Any]) -> set[str]:
        """The events that some consumer has not applied, or did not answer for."""
        by_consumer: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            for consumer in TOPICS[row.topic].consumers:
                by_consumer[consumer].append(row.event_id)
        missing: set[str] = set()
        for consumer, ids in by_consumer.items():
            try:
                outcomes = await self._peers.call(
                    applied_command(consumer), [AppliedRequest(event_id=event_id) for event_id in ids]
                )
                missing |= {event_id for event_id, outcome in zip(ids, outcomes, strict=True) if not outcome.applied}
            except Unavailable:
                missing |= set(ids)
        return missing

    @retry_on_conflict
    async def _settle(self, done: list[int], again: list[int], later: list[int], now: datetime) -> None:
        table = self._table
        async with self._database.transaction() as session:
            if done:
                await session.execute(delete(table).where(table.id.in_(done)))
            if again:
                await session.execute(update(table).where(table.id.in_(again)).values(relayed_at=None, check_at=None))
                after_commit(session, self._written.set)
            if later:
                await session.execute(update(table).where(table.id.in_(later)).values(check_at=now + FIRST_CHECK))

    async def trim(self) -> None:
        """Takes delivered entries off the stream: those before every group's oldest undelivered one."""
        stream = stream_of(self._subgraph)
        try:
            groups = await self._redis.xinfo_groups(stream)
        except RedisError:
            return  # no stream yet
        floors = []
        for group in groups:
            pending = await self._redis.xpending(stream, group["name"])
            floors.append(pending["min"] or group["last-delivered-id"])
        if floors:
            await self._redis.xtrim(stream, minid=min(floors, key=_position), approximate=False)


def _patience(relays: int) -> timedelta:
    doublings = min(relays - 1, 10)
    return min(FIRST_REPEAT * 2.0**doublings, LONGEST_REPEAT)


def _position(entry_id: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence)
