"""`python -m subgraphs events`: a poisoned event becomes a dead letter, is shown, and applied once it is repaired."""

from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import delete, select, update

from subgraphs.contracts.payment import PaidLine, PaymentPaid
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import Database
from subgraphs.kit.messaging.streams import stream_of
from subgraphs.kit.settings import Settings
from subgraphs.library.models import Game
from subgraphs.payment.models import Outbox
from subgraphs.store.audit.tables import CONSUMERS
from subgraphs.store.events_command import dead_letters, pending
from tests.audit.commands import run
from tests.audit.world import World
from tests.clients import eventually
from tests.own_store import OwnStore

EVENTS = 11


@pytest.fixture
async def redis(own: OwnStore) -> AsyncIterator[Redis]:
    client = Redis.from_url(own.settings.redis_url, decode_responses=True, protocol=2)
    yield client
    await client.aclose()


@pytest.fixture
async def meant(own: OwnStore) -> AsyncIterator[list[PaymentPaid]]:
    """Events of payments that nobody has made. Afterwards they leave no trace, for others audit this store."""
    events = [paid() for _ in range(EVENTS)]
    before = {consumer: await inbox_of(own.settings, consumer) for consumer in CONSUMERS}
    yield list(events)
    for consumer in CONSUMERS:
        database, tables = Database(own.settings.database_of(consumer), 1), CONSUMERS[consumer]
        async with database.transaction() as session:
            for table in (tables.Inbox, tables.DeadLetter):
                await session.execute(delete(table).where(table.event_id.not_in(before[consumer])))
            if consumer == "library":
                await session.execute(delete(Game).where(Game.payment_id.in_([one.payment_id for one in events])))
        await database.close()


@pytest.fixture
async def library(own: OwnStore) -> AsyncIterator[Database]:
    database = Database(own.settings.database_of("library"), 1)
    yield database
    await database.close()


def paid() -> PaymentPaid:
    lines = [PaidLine(product_id=new_id(), points=1)]
    now = datetime.now(UTC)
    return PaymentPaid(payment_id=new_id(), order_id=new_id(), user_id=new_id(), paid_at=now, lines=lines)


async def publish(redis: Redis, payload: bytes) -> str:
    """Publishes what payment's relay never would; the event's id."""
    event_id = new_id()
    fields: dict[Any, Any] = {"id": event_id, "topic": PaymentPaid.topic, "payload": payload.decode()}
    await redis.xadd(stream_of("payment"), fields)
    return event_id


async def owners(library: Database, event: PaymentPaid) -> list[str]:
    async with library.reading() as session:
        return list(await session.scalars(select(Game.user_id).where(Game.payment_id == event.payment_id)))


async def dead_at(settings: Settings) -> dict[str, set[str]]:
    """The dead letters, each with the consumers that have given it up."""
    found: dict[str, set[str]] = {}
    for one in await dead_letters(settings):
        found.setdefault(one.event.event_id, set()).add(one.consumer)
    return found


async def repair(settings: Settings, event_id: str, event: PaymentPaid) -> None:
    """What an operator does to a dead letter."""
    payload = msgspec.json.encode(event).decode()
    for consumer in CONSUMERS:
        database, table = Database(settings.database_of(consumer), 1), CONSUMERS[consumer].DeadLetter
        async with database.transaction() as session:
            await session.execute(update(table).where(table.event_id == event_id).values(payload=payload))
        await database.close()


async def inbox_of(settings: Settings, consumer: str) -> set[str]:
    database = Database(settings.database_of(consumer), 1)
    async with database.reading() as session:
        known = set(await session.scalars(select(CONSUMERS[consumer].Inbox.event_id)))
    await database.close()
    return known


async def are_applied(settings: Settings, events: set[str]) -> bool:
    """Whether all consumers have applied them all, and it is nobody's dead letter."""
    for consumer in CONSUMERS:
        if not events <= await inbox_of(settings, consumer):
            return False
    return not events & (await dead_at(settings)).keys()


async def test_poisoned_events(own: OwnStore, redis: Redis, library: Database, meant: list[PaymentPaid]) -> None:
    behind = meant.pop()
    poisoned = [await publish(redis, b'{"paymentId": "half of an event"') for _ in meant]
    await publish(redis, msgspec.json.encode(behind))

    # It goes on behind them, and tries them several times before it gives them up.
    assert await eventually(lambda: owners(library, behind)) == [behind.user_id]
    assert await dead_at(own.settings) == {}
    given_up = {event_id: set(CONSUMERS) for event_id in poisoned}
    await eventually(lambda: _is(dead_at(own.settings), given_up), seconds=120)

    shown = run(own.settings, "events")
    assert shown.returncode == 0, shown.stderr
    lines = [line for line in shown.stdout.splitlines() if poisoned[0] in line]
    assert sorted(line.split("│")[4].strip() for line in lines) == sorted(CONSUMERS)
    assert "DecodeError" in lines[0]

    for event_id, event in zip(poisoned, meant, strict=True):
        await repair(own.settings, event_id, event)
    replayed = run(own.settings, "events", "replay", poisoned[0])
    assert replayed.returncode == 0, replayed.stderr
    assert f"{poisoned[0]} was sent to library again." in replayed.stdout
    await eventually(lambda: are_applied(own.settings, {poisoned[0]}), seconds=30)
    assert (await dead_at(own.settings)).keys() == set(poisoned[1:])

    assert run(own.settings, "events", "replay", "--all").returncode == 0
    await eventually(lambda: are_applied(own.settings, set(poisoned)), seconds=30)
    assert [await owners(library, event) for event in meant] == [[event.user_id] for event in meant]


async def _is(found: Awaitable[object], wanted: object) -> bool:
    return await found == wanted


async def test_unknown_event(world: World) -> None:
    answer = run(world.settings, "events", "replay", new_id())
    assert answer.returncode == 1
    assert "no dead letter" in answer.stdout


async def test_no_dead_letter(world: World) -> None:
    answer = run(world.settings, "events", "replay", "--all")
    assert answer.returncode == 0
    assert "There is no dead letter." in answer.stdout


async def test_event_on_its_way(world: World) -> None:
    event_id = new_id()
    await world.apply(world.new(Outbox, event_id=event_id, topic="payment.paid", payload="{}", relays=3))
    [one] = await pending(world.settings)
    assert (one.producer, one.event.event_id) == ("payment", event_id)
    assert 0 <= one.age < 60
    assert event_id in run(world.settings, "events").stdout
