"""`python -m subgraphs events`: a poisoned event becomes a dead letter, is shown, repaired, replayed and applied."""

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
from subgraphs.store.events_command import dead_letters, undelivered
from tests.audit.commands import run
from tests.audit.store_copy import StoreCopy
from tests.clients import eventually
from tests.own_store import OwnStore

EVENTS = 11


@pytest.fixture
async def redis(own: OwnStore) -> AsyncIterator[Redis]:
    client = Redis.from_url(own.settings.redis_url, decode_responses=True, protocol=2)
    yield client
    await client.aclose()


@pytest.fixture
async def events(own: OwnStore) -> AsyncIterator[list[PaymentPaid]]:
    """Events of payments that do not exist. Their effects are removed afterwards, for other tests audit this store."""
    published = [paid() for _ in range(EVENTS)]
    before = {consumer: await inbox_of(own.settings, consumer) for consumer in CONSUMERS}
    yield list(published)
    for consumer in CONSUMERS:
        database, tables = Database(own.settings.database_of(consumer), 1), CONSUMERS[consumer]
        async with database.transaction() as session:
            for table in (tables.Inbox, tables.DeadLetter):
                await session.execute(delete(table).where(table.event_id.not_in(before[consumer])))
            if consumer == "library":
                await session.execute(delete(Game).where(Game.payment_id.in_([one.payment_id for one in published])))
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
    """Publishes an event, past payment's outbox; the event's id."""
    event_id = new_id()
    fields: dict[Any, Any] = {"id": event_id, "topic": PaymentPaid.topic, "payload": payload.decode()}
    await redis.xadd(stream_of("payment"), fields)
    return event_id


async def owners(library: Database, event: PaymentPaid) -> list[str]:
    async with library.reading() as session:
        return list(await session.scalars(select(Game.user_id).where(Game.payment_id == event.payment_id)))


async def consumers_by_letter(settings: Settings) -> dict[str, set[str]]:
    """The ids of all dead letters, each with its consumers."""
    found: dict[str, set[str]] = {}
    for one in await dead_letters(settings):
        found.setdefault(one.event.event_id, set()).add(one.consumer)
    return found


async def repair(settings: Settings, event_id: str, event: PaymentPaid) -> None:
    """Repairs a dead letter as an operator does."""
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
    """Whether all consumers have applied the events, and none of them is a dead letter."""
    for consumer in CONSUMERS:
        if not events <= await inbox_of(settings, consumer):
            return False
    return not events & (await consumers_by_letter(settings)).keys()


async def test_poisoned_events_become_dead_letters_until_repaired(
    own: OwnStore, redis: Redis, library: Database, events: list[PaymentPaid]
) -> None:
    healthy = events.pop()
    poisoned = [await publish(redis, b'{"paymentId": "half of an event"') for _ in events]
    await publish(redis, msgspec.json.encode(healthy))

    # The consumer applies later events, and retries the poisoned ones several times before it gives them up.
    assert await eventually(lambda: owners(library, healthy)) == [healthy.user_id]
    assert await consumers_by_letter(own.settings) == {}
    given_up = {event_id: set(CONSUMERS) for event_id in poisoned}
    await eventually(lambda: _is(consumers_by_letter(own.settings), given_up), seconds=120)

    listed = run(own.settings, "events")
    assert listed.returncode == 0, listed.stderr
    lines = [line for line in listed.stdout.splitlines() if poisoned[0] in line]
    assert sorted(line.split("│")[4].strip() for line in lines) == sorted(CONSUMERS)
    assert "DecodeError" in lines[0]

    for event_id, event in zip(poisoned, events, strict=True):
        await repair(own.settings, event_id, event)
    replayed = run(own.settings, "events", "replay", poisoned[0])
    assert replayed.returncode == 0, replayed.stderr
    assert f"{poisoned[0]} was sent to library again." in replayed.stdout
    await eventually(lambda: are_applied(own.settings, {poisoned[0]}), seconds=30)
    assert (await consumers_by_letter(own.settings)).keys() == set(poisoned[1:])

    assert run(own.settings, "events", "replay", "--all").returncode == 0
    await eventually(lambda: are_applied(own.settings, set(poisoned)), seconds=30)
    assert [await owners(library, event) for event in events] == [[event.user_id] for event in events]


async def _is(found: Awaitable[object], wanted: object) -> bool:
    return await found == wanted


async def test_replay_of_an_unknown_event_fails(copy: StoreCopy) -> None:
    answer = run(copy.settings, "events", "replay", new_id())
    assert answer.returncode == 1
    assert "No dead letter has the id" in answer.stdout


async def test_replay_of_no_dead_letters_succeeds(copy: StoreCopy) -> None:
    answer = run(copy.settings, "events", "replay", "--all")
    assert answer.returncode == 0
    assert "There are no dead letters." in answer.stdout


async def test_an_undelivered_event_is_shown_with_its_age(copy: StoreCopy) -> None:
    event_id = new_id()
    await copy.apply(copy.new(Outbox, event_id=event_id, topic="payment.paid", payload="{}", relays=3))
    [one] = await undelivered(copy.settings)
    assert (one.producer, one.event.event_id) == ("payment", event_id)
    assert 0 <= one.age < 60
    assert event_id in run(copy.settings, "events").stdout
