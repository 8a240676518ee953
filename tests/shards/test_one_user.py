"""Payment, order and library could be parted by user: no operation has a transaction with rows of two users.

Shown by the statements that MariaDB got, while two users do one thing after another. A batch is another matter: it
takes whoever waits, so a store with shards needs one for each shard (docs/capacity.md).
"""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import func, select

from subgraphs.kit.database.database import Database
from subgraphs.library.models import Base as LibraryTables
from subgraphs.order.models import Base as OrderTables
from subgraphs.payment.models import Base as PaymentTables
from subgraphs.payment.models import Outbox
from tests.clients import Account, eventually
from tests.shards.general_log import Log, general_log
from tests.shop import Shop

TABLES = {"payment": PaymentTables, "order": OrderTables, "library": LibraryTables}
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ROUND = 3
"""How often each of the two users does everything."""
PLAY = "mutation($id: ID!) { play(productId: $id) { __typename } }"
PAY = "mutation($id: ID!) { pay(paymentId: $id) { __typename } }"
CANCEL = "mutation($id: ID!) { cancelPayment(id: $id) { id } }"
REFUND = "mutation($id: ID!, $key: String!) { refund(paymentId: $id, idempotencyKey: $key) { __typename } }"
ME = """{ me { wallet { balance } orders { totalCount } wishlist { totalCount } library { totalCount } } }"""
SqlOf = Callable[[str], Database]


@asynccontextmanager
async def logged(sql: SqlOf, engine: str) -> AsyncIterator[Log]:
    if engine == "embedded":
        pytest.skip("MariaDB's general log shows it")
    with general_log(sql("payment").writer.url) as log:
        yield log


async def at_rest(sql: SqlOf) -> None:
    """Waits until all events are applied: later, none of them shares a batch with those of another user."""

    async def is_empty() -> bool:
        async with sql("payment").reading() as session:
            return not await session.scalar(select(func.count()).select_from(Outbox))

    await eventually(is_empty, 60)


async def do_everything(shop: Shop, sql: SqlOf, user: Account) -> None:
    """Everything that changes rows of payment, order and library."""
    game, other, third, fourth = [await shop.games.new(usd="1.00") for _ in range(4)]
    await shop.top_up(user, 10_000)
    bought = await shop.bought(user, game)
    await at_rest(sql)
    await shop.client.data(REFUND, {"id": bought, "key": str(uuid.uuid4())}, user)
    await shop.bought(user, other)
    await at_rest(sql)
    await shop.client.data(PLAY, {"id": other}, user)
    for product, end in ((third, PAY), (fourth, CANCEL)):
        payment = await shop.started(user, await shop.ordered(user, product))
        await shop.client.data(end, {"id": payment}, user)
        await at_rest(sql)
    await shop.client.data(ME, viewer=user)


async def owners(sql: SqlOf, subgraph: str, users: list[Account]) -> dict[str, str]:
    """The user of each row, by the row's id. Products belong to nobody."""
    found = {user.id: user.id for user in users}
    for table in TABLES[subgraph].metadata.tables.values():
        if "user_id" not in table.c:
            continue
        async with sql(subgraph).reading() as session:
            rows = await session.execute(select(table).where(table.c.user_id.in_([user.id for user in users])))
            for row in rows.mappings():
                ids = {str(value) for name, value in row.items() if name != "product_id"}
                for one in filter(UUID.fullmatch, ids):
                    assert found.setdefault(one, row["user_id"]) == row["user_id"], f"{one} of {table.name} has two"
    return found


def users_of(log: Log, database: str, known: dict[str, str]) -> Iterator[set[str]]:
    """The users of each transaction."""
    for text in log.transactions[database]:
        yield {known[one] for one in UUID.findall(text) if one in known}


async def test_no_operation_has_a_transaction_with_rows_of_two_users(shop: Shop, sql: SqlOf, engine: str) -> None:
    users = [await shop.viewers.user() for _ in range(2)]
    async with logged(sql, engine) as log:
        for _ in range(ROUND):
            for user in users:
                await do_everything(shop, sql, user)
    for subgraph in TABLES:
        known = await owners(sql, subgraph, users)
        seen = list(users_of(log, str(sql(subgraph).writer.url.database), known))
        assert max(map(len, seen)) == 1, subgraph
        for user in users:
            assert sum({user.id} == one for one in seen) > 3 * ROUND, f"{subgraph} was hardly used"


async def test_a_batch_takes_whoever_waits(shop: Shop, sql: SqlOf, engine: str) -> None:
    """So the log does show transactions of several users, and shards need batches of their own."""
    users: list[Account] = [await shop.customer() for _ in range(40)]
    game = await shop.games.new(usd="1.00")
    async with logged(sql, engine) as log:
        results: list[Any] = await asyncio.gather(*[shop.checkout(user, game) for user in users])
    assert {result["__typename"] for result in results} == {"Payment"}
    known = await owners(sql, "payment", users)
    assert max(len(one) for one in users_of(log, str(sql("payment").writer.url.database), known)) > 1
