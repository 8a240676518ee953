"""Transactions on both engines: retries, upserts, and that time means the same."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.kit.database.columns import COLUMN_TYPES, Id, new_id, utc_now
from subgraphs.kit.database.database import ATTEMPTS, Database, insert_missing, retry_on_conflict, upsert
from tests.own_store import OwnStore


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class Thing(Base):
    __tablename__ = "kit_test_things"

    id: Mapped[Id] = mapped_column(primary_key=True)
    number: Mapped[int]
    instant: Mapped[datetime | None]
    price: Mapped[Decimal | None]


@pytest.fixture(scope="module")
async def database(running: OwnStore) -> AsyncIterator[Database]:
    """A table of its own beside the user subgraph's."""
    database = Database(running.settings.database_of("user"), 2)
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
    await database.close()


async def test_instants_and_decimals_come_back_as_they_were(database: Database) -> None:
    thing_id, now = new_id(), datetime(2026, 2, 3, 4, 5, 6, 789_012, tzinfo=UTC)
    in_berlin = now.astimezone()
    async with database.transaction() as session:
        session.add(Thing(id=thing_id, number=1, instant=in_berlin, price=Decimal("19.99")))
    async with database.reading() as session:
        thing = await session.get(Thing, thing_id)
    assert thing is not None
    assert (thing.instant, thing.price) == (now, Decimal("19.99"))


async def test_the_databases_clock_is_utc_and_compares_with_what_is_stored(database: Database) -> None:
    thing_id = new_id()
    async with database.transaction() as session:
        clock = await session.scalar(select(utc_now()))
        assert clock is not None
        assert abs(clock - datetime.now(UTC)) < timedelta(seconds=60)
        session.add(Thing(id=thing_id, number=1, instant=clock + timedelta(seconds=30)))
        await session.flush()
        later = select(Thing.id).where(Thing.id == thing_id, Thing.instant > utc_now())
        assert await session.scalar(later) == thing_id


async def test_insert_missing_leaves_and_upsert_replaces(database: Database) -> None:
    ids = [new_id() for _ in range(3)]
    async with database.transaction() as session:
        await insert_missing(session, Thing, [{"id": ids[0], "number": 1}])
        await insert_missing(session, Thing, [{"id": one, "number": 2} for one in ids])
        await upsert(session, Thing, [{"id": one, "number": 3} for one in ids[1:]], ["number"])
    async with database.reading() as session:
        rows = await session.execute(select(Thing.id, Thing.number).where(Thing.id.in_(ids)))
        assert {row.id: row.number for row in rows} == dict(zip(ids, (1, 3, 3), strict=True))


async def test_insert_missing_refuses_a_row_that_is_wrong(database: Database) -> None:
    wrong = {"id": new_id(), "number": None}
    async with database.transaction() as session:
        with pytest.raises(DBAPIError):
            await insert_missing(session, Thing, [wrong])
    async with database.reading() as session:
        assert await session.get(Thing, wrong["id"]) is None


async def test_a_transaction_that_raises_changes_nothing(database: Database) -> None:
    thing_id = new_id()

    async def fail() -> None:
        async with database.transaction() as session:
            session.add(Thing(id=thing_id, number=1))
            await session.flush()
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await fail()
    async with database.reading() as session:
        assert await session.get(Thing, thing_id) is None


@pytest.mark.parametrize("code", [1020, 1205, 1213])
async def test_a_lost_transaction_is_run_again_but_not_for_ever(code: int) -> None:
    runs = 0

    @retry_on_conflict
    async def lose(times: int) -> str:
        nonlocal runs
        runs += 1
        if runs <= times:
            raise OperationalError("UPDATE", {}, Exception(code, "lost"))
        return "done"

    assert await lose(2) == "done"
    assert runs == 3
    runs = 0
    with pytest.raises(OperationalError):
        await lose(100)
    assert runs == ATTEMPTS


async def test_other_errors_are_not_tried_again() -> None:
    runs = 0

    @retry_on_conflict
    async def fail() -> None:
        nonlocal runs
        runs += 1
        raise OperationalError("SELECT", {}, Exception(1146, "no such table"))

    with pytest.raises(OperationalError):
        await fail()
    assert runs == 1


async def test_a_statement_costs_one_round_trip_and_a_transaction_one_more(engine: str, database: Database) -> None:
    if engine == "embedded":
        pytest.skip("SQLite has no server")

    async def questions(block: Callable[[], AbstractAsyncContextManager[AsyncSession]]) -> int:
        """The statements that the server has got on this connection. There is one, since the pool is of two."""
        async with block() as session:
            return int((await session.execute(text("SHOW SESSION STATUS LIKE 'Questions'"))).one().Value)

    reads = [await questions(database.reading) for _ in range(3)]
    transactions = [await questions(database.transaction) for _ in range(3)]
    assert [after - before for before, after in pairwise(reads)] == [1, 1]
    assert [after - before for before, after in pairwise(transactions)] == [2, 2], "the statement and COMMIT"


async def test_a_connection_that_the_server_has_closed_is_not_used(engine: str, running: OwnStore) -> None:
    if engine == "embedded":
        pytest.skip("SQLite has no server")
    database = Database(running.settings.database_of("user"), 1)
    async with database.reading() as session:
        await session.execute(text("SET SESSION wait_timeout = 1"))
    await asyncio.sleep(2.5)
    await database.ping()
    await database.close()
