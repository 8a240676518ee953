"""Catching up: a consumer asks for what a user has done, and applies it once, whatever the stream brings meanwhile."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any

import aiohttp
import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from router.process import free_ports
from subgraphs.contracts.payment import PaymentPaid
from subgraphs.kit.database.columns import COLUMN_TYPES, Id, new_id
from subgraphs.kit.database.database import Database
from subgraphs.kit.errors import Unavailable
from subgraphs.kit.messaging.applying import Handlers
from subgraphs.kit.messaging.inbox import Consumes, Inbox
from subgraphs.kit.messaging.streams import stream_of
from subgraphs.kit.messaging.tables import DeadLetterColumns, InboxColumns
from subgraphs.kit.peers import Peers
from subgraphs.kit.settings import Settings
from tests.clients import Metrics, eventually
from tests.kit.events import paid
from tests.own_store import OwnStore

CONSUMER = "diary"
INSTANCES = 3
BROKEN = '{"paymentId": "half of an event"'


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class DiaryInbox(InboxColumns, Base):
    __tablename__ = "kit_test_diary_inbox"


class DiaryDeadLetter(DeadLetterColumns, Base):
    __tablename__ = "kit_test_diary_dead_letters"


class Entry(Base):
    """A payment that was handled, as often as it was."""

    __tablename__ = "kit_test_diary"

    id: Mapped[Id] = mapped_column(primary_key=True)
    payment_id: Mapped[Id]


class Diary:
    """A consumer that would show it if an event was applied twice."""

    async def note(self, session: AsyncSession, events: list[PaymentPaid]) -> None:
        await session.execute(insert(Entry), [{"id": new_id(), "payment_id": event.payment_id} for event in events])


def handlers(diary: Diary) -> Handlers:
    return {PaymentPaid: diary.note}


@pytest.fixture
async def database(running: OwnStore) -> AsyncIterator[Database]:
    database = Database(running.settings.database_of("user"), 2 * INSTANCES)
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
    await database.close()


@pytest.fixture
def inbox_of(database: Database, redis: Redis, http: aiohttp.ClientSession) -> Callable[[Settings], Inbox[Diary]]:
    def make(settings: Settings) -> Inbox[Diary]:
        consumes = Consumes(handlers, DiaryInbox, DiaryDeadLetter)
        inbox = Inbox(CONSUMER, consumes, database, redis, Peers(settings, http), batch_size=200)
        inbox.bind(Diary())
        return inbox

    return make


@pytest.fixture
def inbox(inbox_of: Any, running: OwnStore) -> Inbox[Diary]:
    inbox: Inbox[Diary] = inbox_of(running.settings)
    return inbox


@pytest.fixture
async def streaming(inbox: Inbox[Diary], redis: Redis) -> AsyncIterator[None]:
    """The stream's events are consumed meanwhile."""
    consuming = asyncio.create_task(inbox.run())
    yield
    consuming.cancel()
    with suppress(asyncio.CancelledError):
        await consuming
    await redis.xgroup_destroy(stream_of("payment"), CONSUMER)


def encoded(events: Sequence[PaymentPaid]) -> list[str]:
    return [msgspec.json.encode(event).decode() for event in events]


async def noted(database: Database, events: Sequence[PaymentPaid]) -> Counter[str]:
    """How often the diary has which of these payments."""
    query = select(Entry.payment_id).where(Entry.payment_id.in_([event.payment_id for event in events]))
    async with database.reading() as session:
        return Counter(await session.scalars(query))


async def count(database: Database, table: Any) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_what_a_user_has_done_is_applied(inbox: Inbox[Diary], database: Database, keep_back: Any) -> None:
    user, other = new_id(), new_id()
    mine, others = [paid(), paid()], [paid()]
    await keep_back(user, encoded(mine))
    await keep_back(other, encoded(others))
    await inbox.catch_up(user)
    assert await noted(database, mine) == {event.payment_id: 1 for event in mine}
    assert await noted(database, others) == {}


async def test_it_is_applied_once_by_all_instances_and_the_stream_together(
    inbox_of: Any, running: OwnStore, streaming: None, database: Database, keep_back: Any, publish: Any
) -> None:
    instances = [inbox_of(running.settings) for _ in range(INSTANCES)]
    for _ in range(5):
        users = [new_id() for _ in range(4)]
        events = {user: [paid() for _ in range(5)] for user in users}
        ids = {user: await keep_back(user, encoded(events[user])) for user in users}
        catching_up = [instance.catch_up(user) for user in users for instance in instances]
        sending = [
            publish(event, event_id) for user in users for event, event_id in zip(events[user], ids[user], strict=True)
        ]
        await asyncio.gather(*catching_up, *sending)
        every = [event for user in users for event in events[user]]
        assert await noted(database, every) == {event.payment_id: 1 for event in every}

    last = paid()
    await publish(last)
    await eventually(lambda: noted(database, [last]), 30)  # the stream has brought all that was before it
    assert await noted(database, every) == {event.payment_id: 1 for event in every}
    assert await count(database, DiaryDeadLetter) == 0


async def test_a_poisoned_event_keeps_nobody_from_reading(
    inbox: Inbox[Diary], database: Database, keep_back: Any
) -> None:
    user, other = new_id(), new_id()
    mine, others = [paid(), paid()], [paid()]
    _, poisoned, _ = await keep_back(user, [encoded(mine)[0], BROKEN, encoded(mine)[1]])
    await keep_back(other, encoded(others))
    await asyncio.gather(inbox.catch_up(user), inbox.catch_up(other))
    await inbox.catch_up(user)
    assert await noted(database, mine + others) == {event.payment_id: 1 for event in mine + others}
    async with database.reading() as session:
        assert await session.get(DiaryInbox, poisoned) is None, "it is the stream's to try and to give up"
    assert await count(database, DiaryDeadLetter) == 0


async def test_who_catches_up_at_the_same_time_shares_a_call(
    inbox: Inbox[Diary], database: Database, keep_back: Any, metrics: Metrics
) -> None:
    events = {new_id(): paid() for _ in range(50)}
    for user, event in events.items():
        await keep_back(user, encoded([event]))
    before = await metrics.value("payment", "steampunk_requests_total", caller="peer")
    await asyncio.gather(*[inbox.catch_up(user) for user in events])
    asked = await metrics.value("payment", "steampunk_requests_total", caller="peer") - before
    assert await noted(database, list(events.values())) == {event.payment_id: 1 for event in events.values()}
    assert asked <= 2, "the first goes alone, the others together"


async def test_a_producer_that_does_not_answer_is_unavailable(
    inbox_of: Any, running: OwnStore, database: Database, keep_back: Any
) -> None:
    [port] = free_ports(1)
    lonely = inbox_of(running.settings.model_copy(update={"payment_url": f"http://127.0.0.1:{port}/graphql"}))
    user, event = new_id(), paid()
    await keep_back(user, encoded([event]))
    with pytest.raises(Unavailable):
        await lonely.catch_up(user)
    await lonely.catch_up_if_possible(user)
    assert await noted(database, [event]) == {}
