"""The relay: events of several instances of one producer keep their order."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import Index
from sqlalchemy.orm import DeclarativeBase

from subgraphs.contracts.payment import PaymentPaid
from subgraphs.kit.database.columns import COLUMN_TYPES
from subgraphs.kit.database.database import Database
from subgraphs.kit.messaging.outbox import Outbox
from subgraphs.kit.messaging.relay import Relay
from subgraphs.kit.messaging.streams import stream_of
from subgraphs.kit.messaging.tables import OutboxColumns
from tests.clients import eventually
from tests.kit.events import paid
from tests.own_store import OwnStore

PRODUCER = "letters"
INSTANCES = 3
EVENTS, EVENTS_A_TRANSACTION = 6000, 20


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class Letters(OutboxColumns, Base):
    """The outbox of a producer that is none of the store's: nobody else relays it."""

    __tablename__ = "kit_test_outbox"
    __table_args__ = (Index("ix_kit_test_outbox", "relayed_at", "id"),)


@pytest.fixture
async def instances(running: OwnStore, redis: Redis) -> AsyncIterator[list[Relay]]:
    database = Database(running.settings.database_of("user"), 2 * INSTANCES)
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    outbox = Outbox(Letters, database)
    yield [Relay(PRODUCER, outbox, Letters, database, redis) for _ in range(INSTANCES)]
    await redis.delete(stream_of(PRODUCER))
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
    await database.close()


async def test_a_waiting_consumer_gets_at_once_what_is_relayed_together(
    instances: list[Relay], running: OwnStore, redis: Redis
) -> None:
    database = Database(running.settings.database_of("user"), 1)
    async with database.transaction() as session:
        await Outbox(Letters, database).add(session, [paid(n) for n in range(EVENTS_A_TRANSACTION)])
    await database.close()

    async with Redis.from_url(running.settings.redis_url, client_name="waiting", protocol=2) as consumer:
        new: dict[Any, Any] = {stream_of(PRODUCER): "$"}
        answer: Any = consumer.xread(new, block=60_000)
        reading: asyncio.Task[Any] = asyncio.create_task(answer)

        async def is_waiting() -> bool:
            return any(one["name"] == "waiting" and "b" in one["flags"] for one in await redis.client_list())

        await eventually(is_waiting)
        await instances[0].relay()
        [(_, entries)] = await reading
    assert len(entries) == EVENTS_A_TRANSACTION


async def test_instances_that_relay_at_once_keep_the_order(
    instances: list[Relay], running: OwnStore, redis: Redis
) -> None:
    database = Database(running.settings.database_of("user"), 1)
    outbox = Outbox(Letters, database)

    async def write() -> None:
        for start in range(0, EVENTS, EVENTS_A_TRANSACTION):
            async with database.transaction() as session:
                await outbox.add(session, [paid(n) for n in range(start, start + EVENTS_A_TRANSACTION)])

    async def relay(instance: Relay) -> None:
        while await redis.xlen(stream_of(PRODUCER)) < EVENTS:
            await instance.relay()

    await asyncio.gather(write(), *[relay(instance) for instance in instances])
    await database.close()

    entries: Any = await redis.xrange(stream_of(PRODUCER))
    events = [msgspec.json.decode(fields["payload"], type=PaymentPaid) for _, fields in entries]
    assert [event.lines[0].points for event in events] == list(range(EVENTS))
