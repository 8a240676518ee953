"""`python -m subgraphs events`: what consumers have given up, what is on its way, and another try."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from subgraphs.kit.database.database import Database
from subgraphs.kit.messaging.inbox import DeadLetterColumns, replay
from subgraphs.kit.messaging.outbox import OutboxColumns
from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.store.audit.tables import TABLES


@dataclass(frozen=True)
class Parked:
    """An event that a consumer has given up after several tries."""

    consumer: str
    event: DeadLetterColumns


@dataclass(frozen=True)
class Pending:
    """An event that not all its consumers have confirmed."""

    producer: str
    event: OutboxColumns

    @property
    def age(self) -> float:
        """Seconds since the event was written: its id is a UUID of version 7, which begins with the time."""
        milliseconds = UUID(self.event.event_id).int >> 80
        return datetime.now(UTC).timestamp() - milliseconds / 1000


async def parked(settings: Settings) -> list[Parked]:
    """The parked events of all consumers, the oldest first."""
    found = []
    for consumer in SUBGRAPHS:
        table = TABLES[consumer].DeadLetter
        async with _database(settings, consumer) as database, database.reading() as session:
            found += [Parked(consumer, row) for row in await session.scalars(select(table))]
    return sorted(found, key=lambda one: one.event.parked_at)


async def pending(settings: Settings) -> list[Pending]:
    """The events on their way, in the order of their producers' transactions."""
    found = []
    for producer in SUBGRAPHS:
        table = TABLES[producer].Outbox
        async with _database(settings, producer) as database, database.reading() as session:
            found += [Pending(producer, row) for row in await session.scalars(select(table).order_by(table.id))]
    return found


async def replay_parked(settings: Settings, event_id: str | None) -> list[Parked]:
    """Delivers an event once more to the consumers that have parked it, or all events; those it has delivered.

    Raises RedisError when Redis does not answer: what is not delivered stays parked.
    """
    wanted = [one for one in await parked(settings) if event_id in (None, one.event.event_id)]
    redis = Redis.from_url(settings.redis_url, decode_responses=True, protocol=2)
    try:
        return [one for one in wanted if await _replay(settings, redis, one)]
    finally:
        await redis.aclose()


async def show(settings: Settings) -> int:
    """Prints both lists. The exit code."""
    console = Console()
    try:
        console.print(_parked_table(await parked(settings)))
        console.print(_pending_table(await pending(settings)))
    except (SQLAlchemyError, OSError) as error:
        return _unreadable(console, error)
    return 0


async def replay_command(settings: Settings, event_id: str | None) -> int:
    """Replays, and prints what. The exit code: 1 when there is no such event, 2 when a server does not answer."""
    console = Console()
    try:
        replayed = await replay_parked(settings, event_id)
    except (SQLAlchemyError, RedisError, OSError) as error:
        return _unreadable(console, error)
    for one in replayed:
        console.print(f"{one.event.event_id} was delivered to {one.consumer} again.")
    if replayed:
        return 0
    console.print("No event is parked." if event_id is None else f"No event {event_id} is parked.")
    return 0 if event_id is None else 1


async def _replay(settings: Settings, redis: Redis, one: Parked) -> bool:
    tables = TABLES[one.consumer]
    async with _database(settings, one.consumer) as database:
        return await replay(database, redis, tables.Inbox, tables.DeadLetter, one.event.event_id)


@asynccontextmanager
async def _database(settings: Settings, subgraph: str) -> AsyncIterator[Database]:
    database = Database(settings.database_of(subgraph), pool_size=1)
    try:
        yield database
    finally:
        await database.close()


def _parked_table(events: Sequence[Parked]) -> Table:
    table = Table("Event", "Producer", "Topic", "Consumer", "Error", "When", title=f"Parked: {len(events)}")
    for one in events:
        event = one.event
        when = f"{event.parked_at:%Y-%m-%d %H:%M:%S}Z"
        table.add_row(event.event_id, event.producer, event.topic, one.consumer, Text(event.error), when)
    return table


def _pending_table(events: Sequence[Pending]) -> Table:
    table = Table("Event", "Producer", "Topic", title=f"On their way: {len(events)}")
    table.add_column("Relays", justify="right")
    table.add_column("Age", justify="right")
    for one in events:
        event = one.event
        table.add_row(event.event_id, one.producer, event.topic, str(event.relays), f"{one.age:,.1f} s")
    return table


def _unreadable(console: Console, error: Exception) -> int:
    console.print(Text(f"The store's databases or Redis do not answer. Has the store been started?\n{error}"))
    return 2
