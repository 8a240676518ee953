"""Confirmations: which events leave the outbox."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import URL
from sqlalchemy.orm import DeclarativeBase

from subgraphs.contracts.confirm import AppliedOutcome
from subgraphs.contracts.payment import PaymentPaid
from subgraphs.kit.database.columns import COLUMN_TYPES
from subgraphs.kit.database.database import Database
from subgraphs.kit.messaging.confirmations import Confirmations
from subgraphs.kit.messaging.outbox import Outbox, Publishes
from subgraphs.kit.messaging.tables import OutboxColumns
from tests.kit.events import paid

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class Letters(OutboxColumns, Base):
    pass


class Consumers:
    """Consumers that have applied everything, and say so once they may."""

    def __init__(self) -> None:
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def call(self, command: object, requests: Sequence[object]) -> list[AppliedOutcome]:
        self.asked.set()
        await self.may_answer.wait()
        return [AppliedOutcome(missing=[]) for _ in requests]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(URL.create("sqlite+aiosqlite", database=str(tmp_path / "letters.db")), 2)
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.close()


async def test_a_confirmation_that_comes_late_leaves_the_event_that_has_its_number_now(database: Database) -> None:
    """SQLite gives the number of a deleted last row to the next one."""
    await _write(database, 1)
    async with database.transaction() as session:
        await session.execute(update(Letters).values(relayed_at=LONG_AGO, check_at=LONG_AGO))
    (number,) = await _numbers(database)
    late, early = Consumers(), Consumers()
    early.may_answer.set()

    confirming = asyncio.create_task(_confirmations(database, late).confirm())
    await late.asked.wait()
    await _confirmations(database, early).confirm()
    assert await _numbers(database) == []
    await _write(database, 2)
    late.may_answer.set()
    await confirming

    assert await _numbers(database) == [number]


def _confirmations(database: Database, consumers: Any) -> Confirmations:
    return Confirmations(Publishes((PaymentPaid,), Letters), Outbox(Letters, database), database, consumers)


async def _write(database: Database, points: int) -> None:
    async with database.transaction() as session:
        await Outbox(Letters, database).add(session, [paid(points)])


async def _numbers(database: Database) -> list[int]:
    async with database.reading() as session:
        return list(await session.scalars(select(Letters.id)))
