"""`python -m subgraphs events`: a poisoned event is parked, shown, and applied once it is repaired."""

import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import select, update

from subgraphs.contracts.payment import PaidLine, PaymentPaid
from subgraphs.kit.columns import new_id
from subgraphs.kit.database import Database
from subgraphs.kit.outbox import stream_of
from subgraphs.kit.settings import Settings
from subgraphs.library.models import Game, ParkedEvent
from subgraphs.payment.models import Outbox
from subgraphs.store.events_command import parked, pending
from tests.audit.own_store import OwnStore, environment
from tests.audit.world import World
from tests.clients import eventually


@pytest.fixture
async def redis(own: OwnStore) -> AsyncIterator[Redis]:
    client = Redis.from_url(own.settings.redis_url, decode_responses=True, protocol=2)
    yield client
    await client.aclose()


@pytest.fixture
async def library(own: OwnStore) -> AsyncIterator[Database]:
    database = Database(own.settings.database_of("library"), 1)
    yield database
    await database.close()


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "subgraphs", "events", *arguments]
    wide = {**environment(settings), "COLUMNS": "250"}
    return subprocess.run(command, env=wide, capture_output=True, text=True, timeout=120)


def paid() -> PaymentPaid:
    lines = [PaidLine(product_id=new_id(), points=1)]
    moment = datetime.now(UTC)
    return PaymentPaid(payment_id=new_id(), order_id=new_id(), user_id=new_id(), paid_at=moment, lines=lines)


async def publish(redis: Redis, payload: bytes) -> str:
    """Publishes what payment's relay never would; the event's id."""
    event_id = new_id()
    fields: dict[Any, Any] = {"id": event_id, "topic": PaymentPaid.topic, "payload": payload.decode()}
    await redis.xadd(stream_of("payment"), fields)
    return event_id


async def owners(library: Database, event: PaymentPaid) -> list[str]:
    async with library.reading() as session:
        return list(await session.scalars(select(Game.user_id).where(Game.payment_id == event.payment_id)))


async def consumers_of(settings: Settings, event_id: str) -> set[str]:
    return {one.consumer for one in await parked(settings) if one.event.event_id == event_id}


async def repair(settings: Settings, event_id: str, event: PaymentPaid) -> None:
    """What an operator does to the library's parked event, and only there."""
    database = Database(settings.database_of("library"), 1)
    async with database.transaction() as session:
        payload = msgspec.json.encode(event).decode()
        await session.execute(update(ParkedEvent).where(ParkedEvent.event_id == event_id).values(payload=payload))
    await database.close()


async def test_poisoned_event(own: OwnStore, redis: Redis, library: Database) -> None:
    meant, behind = paid(), paid()
    poisoned = await publish(redis, b'{"paymentId": "half of an event"')
    await publish(redis, msgspec.json.encode(behind))

    assert await eventually(lambda: owners(library, behind)) == [behind.user_id]
    assert await consumers_of(own.settings, poisoned) == set(), "parked before it was tried several times"

    async def given_up() -> bool:
        return await consumers_of(own.settings, poisoned) == {"library", "order", "stock"}

    await eventually(given_up, seconds=60)
    shown = run(own.settings)
    assert shown.returncode == 0, shown.stderr
    lines = [line for line in shown.stdout.splitlines() if poisoned in line]
    assert sorted(line.split("│")[4].strip() for line in lines) == ["library", "order", "stock"]
    assert "DecodeError" in lines[0]

    await repair(own.settings, poisoned, meant)
    replayed = run(own.settings, "replay", poisoned)
    assert replayed.returncode == 0, replayed.stderr
    assert f"{poisoned} was delivered to library again." in replayed.stdout
    assert await eventually(lambda: owners(library, meant)) == [meant.user_id]
    # For the others it is as poisoned as before.
    await eventually(lambda: _is_parked_by(own.settings, poisoned, {"order", "stock"}), seconds=60)


async def _is_parked_by(settings: Settings, event_id: str, consumers: set[str]) -> bool:
    return await consumers_of(settings, event_id) == consumers


async def test_replay_of_all(own: OwnStore, redis: Redis, library: Database) -> None:
    meant = [paid() for _ in range(20)]
    events = [await publish(redis, b"{}") for _ in meant]

    async def given_up() -> bool:
        return set(events) <= {one.event.event_id for one in await parked(own.settings) if one.consumer == "library"}

    await eventually(given_up, seconds=60)
    for event_id, event in zip(events, meant, strict=True):
        await repair(own.settings, event_id, event)
    assert run(own.settings, "replay", "--all").returncode == 0
    for event in meant:
        assert await eventually(lambda event=event: owners(library, event)) == [event.user_id]


async def test_unknown_event(world: World) -> None:
    answer = run(world.settings, "replay", new_id())
    assert answer.returncode == 1
    assert "is parked" in answer.stdout


async def test_nothing_is_parked(world: World) -> None:
    answer = run(world.settings, "replay", "--all")
    assert answer.returncode == 0
    assert "No event is parked." in answer.stdout


async def test_event_on_its_way(world: World) -> None:
    event_id = new_id()
    await world.apply(world.new(Outbox, event_id=event_id, topic="payment.paid", payload="{}", relays=3))
    [one] = await pending(world.settings)
    assert (one.producer, one.event.event_id) == ("payment", event_id)
    assert 0 <= one.age < 60
    assert event_id in run(world.settings).stdout
