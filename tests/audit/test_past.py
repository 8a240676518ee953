"""`perf pay --past`: what it puts in is what purchases leave, and the auditor reads it in chunks."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from perf import past
from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.library.models import Game
from subgraphs.order.models import Order, OrderLine
from subgraphs.payment.models import Checkout, Entitlement, LedgerEntry, Outbox, Payment, PaymentLine, TopUp, Wallet
from subgraphs.store.audit import audit, snapshots
from subgraphs.store.audit.tables import CONSUMERS
from subgraphs.store.migrate import migrate_all
from subgraphs.user.models import User
from tests.own_store import OwnStore

PURCHASES = 500
ONE_EACH = {
    "user": (User,),
    "order": (Order, OrderLine, CONSUMERS["order"].Inbox),
    "payment": (TopUp, Wallet, Payment, PaymentLine, Entitlement, Checkout),
    "library": (Game, CONSUMERS["library"].Inbox),
}


@pytest.fixture
def empty(engine: str, mariadb_url: str, own: OwnStore) -> Settings:
    """The settings of databases without rows, and of a part of Redis without keys."""
    if engine == "embedded":
        pytest.skip("a past is put into MariaDB by its Sequence engine")
    redis_url = str(make_url(own.settings.redis_url).set(database="2"))
    settings = own.settings.model_copy(update={"database_url": f"{mariadb_url}_past", "redis_url": redis_url})
    migrate_all(settings)
    return settings


@pytest.fixture
async def databases(empty: Settings) -> AsyncIterator[dict[str, Database]]:
    opened = {name: Database(empty.database_of(name), 2) for name in SUBGRAPHS}
    yield opened
    for database in opened.values():
        await database.close()


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "PURCHASES_PER_TRANSACTION", 200)
    monkeypatch.setattr(snapshots, "CHUNK", 64)


@pytest.mark.usefixtures("small_chunks")
async def test_a_past_has_all_rows_of_its_purchases_and_is_correct(
    empty: Settings, databases: dict[str, Database]
) -> None:
    await past.put_past(databases, PURCHASES, ["1", "2", "3"])

    for name, tables in ONE_EACH.items():
        assert [await _count(databases[name], table) for table in tables] == [PURCHASES] * len(tables), name
    assert await _count(databases["payment"], LedgerEntry) == 2 * PURCHASES
    assert await _count(databases["payment"], Outbox) == 0
    findings = await audit(empty, wait=0)
    assert [finding for finding in findings if not finding.is_clean] == []
    checked = {finding.invariant: finding.checked for finding in findings}
    assert {checked[name] for name in ("PaidIsGranted", "PricesAreKept", "OrdersFollowPayments")} == {PURCHASES}


async def _count(database: Database, table: type[object]) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0
