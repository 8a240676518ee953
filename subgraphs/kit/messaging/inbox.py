"""The inbox: an event is applied once, by a row in the same transaction as what it changes."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError
from sqlalchemy import String, Text, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.contracts.confirm import AppliedOutcome, AppliedRequest
from subgraphs.contracts.event import TOPICS, Event
from subgraphs.kit import telemetry
from subgraphs.kit.database.columns import Id, utc_now
from subgraphs.kit.database.database import INFRASTRUCTURE, Database, retry_on_conflict
from subgraphs.kit.errors import Unavailable
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.messaging.streams import Delivery, Streams, stream_of

ATTEMPTS_BEFORE_PARKING = 5

Handler = Callable[[AsyncSession, list[Any]], Awaitable[None]]
Handlers = Mapping[type[Event], Handler]


class InboxColumns:
    """An event that has been applied (or parked) here."""

    __tablename__ = "inbox"

    event_id: Mapped[Id] = mapped_column(primary_key=True)
    applied_at: Mapped[datetime]


class DeadLetterColumns:
    """An event that failed again and again; a person looks at it and replays it."""

    __tablename__ = "parked_events"

    event_id: Mapped[Id] = mapped_column(primary_key=True)
    producer: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str] = mapped_column(String(60))
    payload: Mapped[str] = mapped_column(Text)
    error: Mapped[str] = mapped_column(Text)
    parked_at: Mapped[datetime]


class Inbox:
    """Applies what comes over one subgraph's streams, in batches."""

    def __init__(
        self,
        subgraph: str,
        inbox: type[InboxColumns],
        parked: type[DeadLetterColumns],
        handlers: Handlers,
        database: Database,
        redis: Redis,
    ) -> None:
        self._streams = Streams(subgraph, {event.producer for event in handlers}, redis)
        self._inbox = inbox
        self._parked = parked
        self._handlers = handlers
        self._database = database
        self._failures: Counter[str] = Counter()

    async def run(self) -> None:
        """Consumes for as long as the process lives."""
        while True:
            try:
                await self._streams.join()
                while True:
                    await self._consume(await self._streams.read())
            except ResponseError as error:
                if "NOGROUP" not in str(error):  # Redis lost its data: join again
                    telemetry.failed("inbox", error)
                    await asyncio.sleep(1)
            except Exception as error:
                telemetry.failed("inbox", error)
                await asyncio.sleep(1)

    async def applied(self, requests: list[AppliedRequest]) -> list[AppliedOutcome]:
        """Tells which events have been applied here."""
        async with self._database.reading() as session:
            known = await self._known(session, [request.event_id for request in requests])
        return [AppliedOutcome(applied=request.event_id in known) for request in requests]

    async def _consume(self, deliveries: list[Delivery]) -> None:
        if not deliveries:
            return
        try:
            await failpoint("inbox: delivered")
            await self._apply(deliveries)
            await failpoint("inbox: applied")
        except (*INFRASTRUCTURE, Unavailable):
            raise  # nothing is wrong with the events: they stay pending and are taken over again
        except Exception as error:
            if len(deliveries) == 1:
                await self._failed(deliveries[0], error)
                return
            for delivery in deliveries:
                await self._consume([delivery])
        else:
            await self._streams.acknowledge(deliveries)

    @retry_on_conflict
    async def _apply(self, deliveries: list[Delivery]) -> None:
        async with self._database.transaction() as session:
            # Locked: `replay` forgets an event in a transaction that may not have ended when the event is here.
            known = await self._known(session, [delivery.event_id for delivery in deliveries], lock=True)
            fresh = {d.event_id: d for d in deliveries if d.event_id not in known}
            if not fresh:
                return
            await self._remember(session, list(fresh))
            for topic, run in groupby(fresh.values(), key=lambda delivery: delivery.topic):
                handler = self._handlers.get(TOPICS[topic]) if topic in TOPICS else None
                events = [delivery.event() for delivery in run]
                if handler is not None:
                    await handler(session, events)
        for delivery in fresh.values():
            telemetry.EVENTS_APPLIED.labels(topic=delivery.topic).inc()

    async def _known(self, session: AsyncSession, event_ids: Sequence[str], *, lock: bool = False) -> set[str]:
        query = select(self._inbox.event_id).where(self._inbox.event_id.in_(event_ids))
        return set(await session.scalars(query.with_for_update() if lock else query))

    async def _remember(self, session: AsyncSession, event_ids: Sequence[str]) -> None:
        now = await session.scalar(select(utc_now()))
        rows = [{"event_id": event_id, "applied_at": now} for event_id in event_ids]
        await session.execute(insert(self._inbox), rows)

    async def _failed(self, delivery: Delivery, error: Exception) -> None:
        self._failures[delivery.event_id] += 1
        telemetry.failed("inbox", error, event_id=delivery.event_id, topic=delivery.topic)
        if self._failures[delivery.event_id] >= ATTEMPTS_BEFORE_PARKING:
            await self._park(delivery, error)
            await self._streams.acknowledge([delivery])

    async def _park(self, delivery: Delivery, error: Exception) -> None:
        del self._failures[delivery.event_id]
        async with self._database.transaction() as session:
            if await self._known(session, [delivery.event_id]):
                return
            await self._remember(session, [delivery.event_id])
            await session.execute(
                insert(self._parked).values(
                    event_id=delivery.event_id,
                    producer=delivery.stream.rpartition(":")[2],
                    topic=delivery.topic,
                    payload=delivery.payload,
                    error=f"{type(error).__name__}: {error}",
                    parked_at=utc_now(),
                )
            )
        telemetry.DEAD_LETTERS.labels(topic=delivery.topic).inc()


async def replay(
    database: Database,
    redis: Redis,
    inbox: type[InboxColumns],
    parked: type[DeadLetterColumns],
    event_id: str,
) -> bool:
    """Delivers a parked event once more; False when there is none of that id."""
    async with database.transaction() as session:
        row = await session.scalar(select(parked).where(parked.event_id == event_id).with_for_update())
        if row is None:
            return False
        await session.execute(delete(parked).where(parked.event_id == event_id))
        await session.execute(delete(inbox).where(inbox.event_id == event_id))
        # Before the commit: should Redis fail, the event stays parked; a repeat is applied once.
        fields: dict[Any, Any] = {"id": row.event_id, "topic": row.topic, "payload": row.payload}
        await redis.xadd(stream_of(row.producer), fields)
    return True
