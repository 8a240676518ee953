"""`python -m subgraphs events`: shows dead letters and undelivered events, and replays dead letters."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from redis.asyncio import Redis
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import select

from subgraphs.kit.database.columns import made_at
from subgraphs.kit.database.database import Database
from subgraphs.kit.messaging.dead_letters import replay
from subgraphs.kit.messaging.tables import DeadLetterColumns, OutboxColumns
from subgraphs.kit.settings import Settings
from subgraphs.store.audit.tables import CONSUMERS, OUTBOXES
from subgraphs.store.servers import redis_client


@dataclass(frozen=True)
class ConsumerDeadLetter:
    """An event that a consumer has given up after several attempts."""

    consumer: str
    event: DeadLetterColumns


@dataclass(frozen=True)
class UndeliveredEvent:
    """An event that not all its consumers have confirmed."""

    producer: str
    event: OutboxColumns

    @property
    def age(self) -> float:
        """Seconds since the event was written."""
        return (datetime.now(UTC) - made_at(self.event.event_id)).total_seconds()


async def dead_letters(settings: Settings) -> list[ConsumerDeadLetter]:
    """The dead letters of all consumers, oldest first."""
    found = []
    for consumer, tables in CONSUMERS.items():
        table = tables.DeadLetter
        async with _database(settings, consumer) as database, database.reading() as session:
            found += [ConsumerDeadLetter(consumer, row) for row in await session.scalars(select(table))]
    return sorted(found, key=lambda one: one.event.failed_at)


async def undelivered(settings: Settings) -> list[UndeliveredEvent]:
    """The undelivered events of each producer, in the order of its transactions."""
    found = []
    for producer, table in OUTBOXES.items():
        async with _database(settings, producer) as database, database.reading() as session:
            found += [
                UndeliveredEvent(producer, row) for row in await session.scalars(select(table).order_by(table.id))
            ]
    return found


async def replay_dead_letters(settings: Settings, event_id: str | None) -> list[ConsumerDeadLetter]:
    """Sends one event's dead letters, or all, to their consumers again; returns those that it has sent.

    A dead letter stays until its replay was applied. Raises RedisError when Redis does not answer.
    """
    wanted = [one for one in await dead_letters(settings) if event_id in (None, one.event.event_id)]
    redis = redis_client(settings.redis_url)
    try:
        return [one for one in wanted if await _replay(settings, redis, one)]
    finally:
        await redis.aclose()


async def show(settings: Settings) -> int:
    """Prints dead letters and undelivered events. The exit code. Raises SQLAlchemyError."""
    console = Console()
    console.print(_dead_letter_table(await dead_letters(settings)))
    console.print(_undelivered_table(await undelivered(settings)))
    return 0


async def replay_command(settings: Settings, event_id: str | None) -> int:
    """Replays dead letters and prints them. The exit code: 1 if no such event is one.

    Raises SQLAlchemyError or RedisError when a server does not answer.
    """
    console = Console()
    replayed = await replay_dead_letters(settings, event_id)
    for one in replayed:
        console.print(f"{one.event.event_id} was sent to {one.consumer} again.")
    if replayed:
        return 0
    console.print("There are no dead letters." if event_id is None else f"No dead letter has the id {event_id}.")
    return 0 if event_id is None else 1


async def _replay(settings: Settings, redis: Redis, one: ConsumerDeadLetter) -> bool:
    tables = CONSUMERS[one.consumer]
    async with _database(settings, one.consumer) as database:
        return await replay(one.consumer, database, redis, tables.Inbox, tables.DeadLetter, one.event.event_id)


@asynccontextmanager
async def _database(settings: Settings, subgraph: str) -> AsyncIterator[Database]:
    database = Database(settings.database_of(subgraph), pool_size=1)
    try:
        yield database
    finally:
        await database.close()


def _dead_letter_table(letters: Sequence[ConsumerDeadLetter]) -> Table:
    title = f"Dead letters: {len(letters)}"
    table = Table("Event", "Producer", "Topic", "Consumer", "Error", "Failed", "Replayed", title=title)
    for one in letters:
        event = one.event
        times = [f"{time:%Y-%m-%d %H:%M:%S}Z" if time else "" for time in (event.failed_at, event.replayed_at)]
        table.add_row(event.event_id, event.producer, event.topic, one.consumer, Text(event.error), *times)
    return table


def _undelivered_table(events: Sequence[UndeliveredEvent]) -> Table:
    table = Table("Event", "Producer", "Topic", title=f"Undelivered: {len(events)}")
    table.add_column("Relays", justify="right")
    table.add_column("Age", justify="right")
    for one in events:
        event = one.event
        table.add_row(event.event_id, one.producer, event.topic, str(event.relays), f"{one.age:,.1f} s")
    return table
