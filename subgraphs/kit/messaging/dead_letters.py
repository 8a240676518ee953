"""Dead letters: events that failed again and again. A person repairs the cause and replays them."""

from collections.abc import Sequence
from typing import Any

from prometheus_client import Gauge
from redis.asyncio import Redis
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import Database, upsert
from subgraphs.kit.messaging.streams import Delivery, stream_of
from subgraphs.kit.messaging.tables import DeadLetterColumns, InboxColumns

WAITING = Gauge("steampunk_dead_letters_waiting", "Dead letters that nobody has replayed with success.")


class DeadLetters:
    """One consumer's dead letters."""

    def __init__(self, table: type[DeadLetterColumns]) -> None:
        self._table = table

    async def add(self, session: AsyncSession, delivery: Delivery, error: Exception) -> None:
        """Keeps a delivery with the error that it ended in; of a replay that failed, the new error."""
        row = {
            "event_id": delivery.event_id,
            "producer": delivery.stream.rpartition(":")[2],
            "topic": delivery.topic,
            "payload": delivery.payload,
            "error": f"{type(error).__name__}: {error}",
            "failed_at": await session.scalar(select(utc_now())),
            "replayed_at": None,
        }
        await upsert(session, self._table, [row], ["error", "failed_at", "replayed_at"])

    async def remove(self, session: AsyncSession, event_ids: Sequence[str]) -> None:
        """Deletes what was replayed and is applied now."""
        if event_ids:
            await session.execute(delete(self._table).where(self._table.event_id.in_(event_ids)))


async def count_dead_letters(database: Database, table: type[DeadLetterColumns]) -> None:
    """Shows in a metric how many there are."""
    async with database.reading() as session:
        WAITING.set(await session.scalar(select(func.count(table.event_id))) or 0)


async def replay(
    consumer: str,
    database: Database,
    redis: Redis,
    inbox: type[InboxColumns],
    dead_letters: type[DeadLetterColumns],
    event_id: str,
) -> bool:
    """Sends a dead letter to its consumer once more; False where there is none of that id.

    It names the consumer, since the others have applied the event and may have pruned their inbox rows of it. Raises
    RedisError where Redis does not answer: then nothing has changed.
    """
    async with database.transaction() as session:
        row = await session.scalar(select(dead_letters).where(dead_letters.event_id == event_id).with_for_update())
        if row is None:
            return False
        await session.execute(delete(inbox).where(inbox.event_id == event_id))
        row.replayed_at = await session.scalar(select(utc_now()))
        fields: dict[Any, Any] = {"id": row.event_id, "topic": row.topic, "payload": row.payload}
        await redis.xadd(stream_of(row.producer), fields | {"replay_for": consumer})
    return True
