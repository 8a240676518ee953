"""The transactional outbox: an event is written in the transaction of the change that it tells of.

Delivery is at least once. The relay sends each row to a Redis Stream; the row stays until every consumer has
confirmed that it applied the event, and is sent again while a confirmation is overdue. Redis may lose everything
it holds: no event is lost.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.confirm import (
    OldestOutcome,
    OldestRequest,
    UnconfirmedEvent,
    UnconfirmedOutcome,
    UnconfirmedRequest,
)
from subgraphs.contracts.event import Event
from subgraphs.kit import tracing
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import Database, after_commit
from subgraphs.kit.database.repository import table_of
from subgraphs.kit.messaging.tables import OutboxColumns


@dataclass(frozen=True)
class Publishes:
    """Declares what a subgraph publishes, and the table of its outbox."""

    events: tuple[type[Event], ...]
    outbox: type[OutboxColumns]

    @property
    def consumers(self) -> Mapping[str, frozenset[str]]:
        """The consumers of each topic."""
        return {event.topic: event.consumers for event in self.events}


class Outbox:
    """Writes events, and wakes this process's relay for them."""

    def __init__(self, table: type[OutboxColumns], database: Database) -> None:
        rows = table_of(table)
        self._insert = insert(rows)
        self._oldest = select(rows.c.event_id).order_by(rows.c.event_id).limit(1)
        self._of_users = (
            select(rows.c.user_id, rows.c.event_id, rows.c.topic, rows.c.payload)
            .where(rows.c.user_id.in_(bindparam("users", expanding=True)))
            .order_by(rows.c.id)
        )
        self._database = database
        self._written = asyncio.Event()

    async def add(self, session: AsyncSession, events: Sequence[Event]) -> None:
        """Writes events in the caller's transaction; the relay sends them as soon as it has committed."""
        if not events:
            return
        if trace := tracing.current():
            events = [msgspec.structs.replace(event, trace=trace) for event in events]
        rows = [
            {
                "event_id": new_id(),
                "topic": event.topic,
                "payload": msgspec.json.encode(event).decode(),
                "user_id": event.user_id,
            }
            for event in events
        ]
        await session.execute(self._insert, rows)
        after_commit(session, self.wake)

    def wake(self) -> None:
        """Tells the relay that there is something to send."""
        self._written.set()

    async def wait(self, seconds: float) -> None:
        """Returns when something was written, and at the latest after `seconds`: other processes write, too."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._written.wait(), seconds)
        self._written.clear()

    async def oldest(self, requests: list[OldestRequest]) -> list[OldestOutcome]:
        """The oldest event that is not confirmed yet. Where there is none: an id newer than every confirmed one."""
        newer_than_all = new_id()
        async with self._database.reading() as session:
            oldest = await session.scalar(self._oldest)
        return [OldestOutcome(event_id=oldest or newer_than_all) for _ in requests]

    async def unconfirmed(self, requests: list[UnconfirmedRequest]) -> list[UnconfirmedOutcome]:
        """The events of users that not all consumers have confirmed."""
        users = list({request.user_id for request in requests})
        found: dict[str | None, list[UnconfirmedEvent]] = defaultdict(list)
        async with self._database.reading() as session:
            for row in await session.execute(self._of_users, {"users": users}):
                found[row.user_id].append(UnconfirmedEvent(row.event_id, row.topic, row.payload))
        return [UnconfirmedOutcome(found.get(request.user_id, [])) for request in requests]
