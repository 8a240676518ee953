"""An event is applied once: by a row of the inbox, in the same transaction as the change that the event causes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Executable, Table, bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.event import TOPICS, Event
from subgraphs.kit import telemetry, tracing
from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import Database, retry_on_conflict
from subgraphs.kit.database.repository import table_of
from subgraphs.kit.messaging.dead_letters import DeadLetters
from subgraphs.kit.messaging.streams import Delivery
from subgraphs.kit.messaging.tables import DeadLetterColumns, InboxColumns

Handler = Callable[[AsyncSession, list[Any]], Awaitable[None]]
"""Applies events of one type, in order, in the transaction of the inbox."""
Handlers = Mapping[type[Event], Handler]


class Applying:
    """Applies events to one subgraph's database."""

    def __init__(
        self,
        inbox: type[InboxColumns],
        dead_letters: type[DeadLetterColumns],
        handlers: Handlers,
        database: Database,
    ) -> None:
        self._inbox = table_of(inbox)
        self._find = select(self._inbox.c.event_id).where(self._inbox.c.event_id.in_(bindparam("ids", expanding=True)))
        self._lock = _lock_known(self._inbox)
        self._dead_letters = DeadLetters(dead_letters)
        self._handlers = handlers
        self._database = database
        for event in handlers:
            telemetry.EVENTS_APPLIED.labels(topic=event.topic)
            telemetry.DEAD_LETTERS.labels(topic=event.topic)

    async def known(self, event_ids: Sequence[str]) -> set[str]:
        """Those that are done here: applied, or given up."""
        async with self._database.reading() as session:
            return set(await session.scalars(self._find, {"ids": event_ids}))

    async def apply(self, deliveries: Sequence[Delivery]) -> None:
        """Applies what is not known yet. Others may do the same at the same time: the inbox's key lets one win."""
        with tracing.span("apply events", *tracing.of_events(one.payload for one in deliveries)):
            await self._apply(deliveries)

    async def _apply(self, deliveries: Sequence[Delivery]) -> None:
        event_ids = [delivery.event_id for delivery in deliveries]
        known: set[str] | None = None
        while True:
            try:
                return await self._apply_unknown(deliveries)
            except IntegrityError:
                known_before, known = known, await self.known(event_ids)
                if known == known_before:
                    raise  # nobody else has applied one of them: the conflict is the handler's own

    @retry_on_conflict
    async def _apply_unknown(self, deliveries: Sequence[Delivery]) -> None:
        async with self._database.transaction() as session:
            known, now = await self._lock_known(session, [delivery.event_id for delivery in deliveries])
            fresh = {d.event_id: d for d in deliveries if d.event_id not in known}
            if not fresh:
                return
            await self._remember(session, list(fresh), now)
            for topic, run in groupby(fresh.values(), key=lambda delivery: delivery.topic):
                await self._handlers[TOPICS[topic]](session, [delivery.event() for delivery in run])
            await self._dead_letters.remove(session, [d.event_id for d in fresh.values() if d.replay_for])
        for delivery in fresh.values():
            telemetry.EVENTS_APPLIED.labels(topic=delivery.topic).inc()

    @retry_on_conflict
    async def give_up(self, delivery: Delivery, error: Exception) -> None:
        """Makes a dead letter of an event that fails."""
        async with self._database.transaction() as session:
            known, now = await self._lock_known(session, [delivery.event_id])
            if known:
                return
            await self._remember(session, [delivery.event_id], now)
            await self._dead_letters.add(session, delivery, error)
        telemetry.DEAD_LETTERS.labels(topic=delivery.topic).inc()

    async def _lock_known(self, session: AsyncSession, event_ids: Sequence[str]) -> tuple[set[str], datetime]:
        """Which of these events the inbox has, and the time by the database's clock.

        Their rows stay locked until the transaction ends, since a `replay` may be about to delete them.
        """
        rows = (await session.execute(self._lock, {"ids": event_ids})).all()
        return {row.event_id for row in rows if row.event_id}, rows[0].now

    async def _remember(self, session: AsyncSession, event_ids: Sequence[str], now: datetime) -> None:
        rows = [{"event_id": event_id, "applied_at": now} for event_id in event_ids]
        await session.execute(insert(self._inbox), rows)


def _lock_known(inbox: Table) -> Executable:
    """The time by the database's clock, beside each known event of `ids`, which is locked; or beside none."""
    clock = select(utc_now().label("now")).subquery()
    known = inbox.c.event_id.in_(bindparam("ids", expanding=True))
    return select(clock.c.now, inbox.c.event_id).select_from(clock.outerjoin(inbox, known)).with_for_update()
