"""The inbox: which events it takes, which it leaves to others, and which rows it forgets."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import delete, insert, select

from subgraphs.contracts.payment import PaymentCancelled
from subgraphs.kit.database.columns import first_id_at, new_id
from subgraphs.kit.database.database import Database
from subgraphs.kit.messaging.dead_letters import replay
from subgraphs.kit.messaging.pruning import BATCH, KEPT, Pruning
from subgraphs.kit.messaging.streams import stream_of
from subgraphs.kit.peers import Peers
from subgraphs.library import models as library
from subgraphs.order import models as order
from subgraphs.payment.models import Outbox
from tests.clients import eventually
from tests.kit.events import paid
from tests.own_store import OwnStore

STREAM = stream_of("payment")
LONG_AGO = datetime.now(UTC) - KEPT - timedelta(days=1)


async def done(database: Database, table: Any, event_id: str) -> bool:
    async with database.reading() as session:
        return await session.get(table, event_id) is not None


async def test_an_event_of_an_unknown_topic_is_left_to_newer_processes(
    publish: Any, redis: Redis, sql: Callable[[str], Database]
) -> None:
    unknown, known = new_id(), new_id()
    fields: dict[Any, Any] = {"id": unknown, "topic": "payment.from_the_future", "payload": "{}"}
    entry = await redis.xadd(STREAM, fields)
    await publish(paid(), known)
    await eventually(lambda: done(sql("library"), library.Inbox, known))

    pending = await redis.xpending_range(STREAM, "library", min=entry, max=entry, count=1)
    assert [one["message_id"] for one in pending] == [entry], "whoever knows the topic can still take it over"
    assert not await done(sql("library"), library.Inbox, unknown)
    assert not await done(sql("library"), library.DeadLetter, unknown)
    for group in ("library", "order", "stock"):
        await redis.xack(STREAM, group, entry)


async def test_an_event_for_others_leaves_no_row(publish: Any, redis: Redis, sql: Callable[[str], Database]) -> None:
    for_others, own = new_id(), new_id()
    await publish(PaymentCancelled(payment_id=new_id(), order_id=new_id(), user_id=new_id()), for_others)
    await publish(paid(), own)
    await eventually(lambda: done(sql("library"), library.Inbox, own))
    await eventually(lambda: done(sql("order"), order.Inbox, for_others))
    assert not await done(sql("library"), library.Inbox, for_others)


async def test_a_replay_concerns_no_other_consumer(publish: Any, redis: Redis, sql: Callable[[str], Database]) -> None:
    """Others may have applied the event so long ago that they have pruned its row."""
    replayed, behind, event = new_id(), new_id(), paid()
    dead = {"event_id": replayed, "producer": "payment", "topic": event.topic, "error": "", "failed_at": LONG_AGO}
    async with sql("library").transaction() as session:
        payload = msgspec.json.encode(event).decode()
        await session.execute(insert(library.DeadLetter), [{**dead, "payload": payload}])
        await session.execute(insert(library.Inbox), [{"event_id": replayed, "applied_at": LONG_AGO}])

    assert await replay("library", sql("library"), redis, library.Inbox, library.DeadLetter, replayed)
    await publish(paid(), behind)
    await eventually(lambda: done(sql("library"), library.Inbox, behind))
    await eventually(lambda: done(sql("order"), order.Inbox, behind))
    assert await done(sql("library"), library.Inbox, replayed)
    assert not await done(sql("library"), library.DeadLetter, replayed)
    assert not await done(sql("order"), order.Inbox, replayed)


@pytest.fixture
async def pruning(
    running: OwnStore, sql: Callable[[str], Database], redis: Redis, http: aiohttp.ClientSession
) -> AsyncIterator[Pruning]:
    """The library's pruning, beside that of its process."""
    for_library = sql("library")
    yield Pruning("library", library.Inbox, ["payment"], for_library, redis, Peers(running.settings, http))
    async with for_library.transaction() as session:
        await session.execute(delete(library.Inbox).where(library.Inbox.event_id < first_id_at(LONG_AGO) + "~"))


def old_id(number: int) -> str:
    """The id of an event that was published long ago."""
    return f"{first_id_at(LONG_AGO)}-7000-8000-{number:012x}"


async def remember(database: Database, rows: dict[str, datetime]) -> None:
    async with database.transaction() as session:
        values = [{"event_id": event_id, "applied_at": applied_at} for event_id, applied_at in rows.items()]
        await session.execute(insert(library.Inbox), values)


async def remembered(database: Database) -> list[str]:
    """Which of the old events are still known."""
    query = select(library.Inbox.event_id).where(library.Inbox.event_id < first_id_at(LONG_AGO) + "~")
    async with database.reading() as session:
        return list(await session.scalars(query.order_by(library.Inbox.event_id)))


async def pruned_to(expected: list[str], pruning: Pruning, publish: Any, database: Database) -> None:
    """Looks, lets the stream go on behind the look, and prunes until just `expected` is left."""
    await pruning.prune()

    async def is_pruned() -> bool:
        await publish(paid(), new_id())  # again and again: the first may come within the millisecond of the look
        await pruning.prune()
        return await remembered(database) == expected

    await eventually(is_pruned)


async def test_old_rows_are_pruned_and_replayed_ones_stay(
    pruning: Pruning, publish: Any, sql: Callable[[str], Database]
) -> None:
    replayed = old_id(0)
    await remember(sql("library"), {replayed: datetime.now(UTC)})
    await remember(sql("library"), {old_id(number): LONG_AGO for number in range(1, BATCH + 100)})
    await pruned_to([replayed], pruning, publish, sql("library"))


async def test_the_row_of_an_event_that_may_be_sent_again_stays(
    pruning: Pruning, publish: Any, sql: Callable[[str], Database]
) -> None:
    confirmed, unconfirmed = old_id(1), old_id(2)
    await remember(sql("library"), {confirmed: LONG_AGO, unconfirmed: LONG_AGO})
    row = {"event_id": unconfirmed, "topic": "payment.paid", "payload": "{}", "relays": 1, "relayed_at": LONG_AGO}
    async with sql("payment").transaction() as session:
        await session.execute(insert(Outbox), [row])
    await pruned_to([unconfirmed], pruning, publish, sql("library"))
    async with sql("payment").transaction() as session:
        await session.execute(delete(Outbox).where(Outbox.event_id == unconfirmed))


async def test_nothing_is_pruned_before_the_stream_has_gone_on(
    pruning: Pruning, sql: Callable[[str], Database]
) -> None:
    await remember(sql("library"), {old_id(1): LONG_AGO})
    await pruning.prune()
    await pruning.prune()
    assert await remembered(sql("library")) == [old_id(1)]
