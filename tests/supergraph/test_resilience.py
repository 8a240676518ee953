"""What clients see while a part of the store is down, and what survives a crash."""

import asyncio
from collections.abc import Callable

from sqlalchemy import update

from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.payment.models import LedgerEntry
from tests.own_store import OwnStore
from tests.shop import Shop


async def test_a_dead_subgraph_is_unavailable_and_the_others_answer(shop: Shop, running: OwnStore) -> None:
    customer = await shop.customer(10)
    library = running.store.children["library"]
    library.kill()
    try:
        assert await shop.client.code("{ me { library { totalCount } } }", viewer=customer) == "UNAVAILABLE"
        assert await shop.balance(customer) == 10
    finally:
        library.restart()
        await asyncio.to_thread(running.store.wait_ready)
    assert await shop.library(customer) == []


async def test_an_unexpected_error_is_internal_and_reveals_nothing(shop: Shop, sql: Callable[[str], Database]) -> None:
    customer = await shop.customer(10)
    async with sql("payment").transaction() as session:
        query = update(LedgerEntry).where(LedgerEntry.user_id == customer.id)
        await session.execute(query.values(kind="BROKEN"))
    entries = "{ me { wallet { entries { edges { node { kind } } } } } }"
    answer = await shop.client.run(entries, viewer=customer)
    async with sql("payment").transaction() as session:
        await session.execute(query.values(kind="TOP_UP"))
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["requestId"]
    assert "BROKEN" not in str(answer)


async def test_acknowledged_state_survives_a_kill_of_all_processes(shop: Shop, running: OwnStore) -> None:
    customer, game = await shop.customer(), await shop.games.new(usd="1.00")
    bought = await shop.checkout(customer, game)
    assert bought["state"] == "PAID"
    children = running.store.children
    for child in children.values():
        child.kill()
    for name in ("valkey", *SUBGRAPHS, "router", "playground"):
        if name in children:
            children[name].restart()
    await asyncio.to_thread(running.store.wait_ready)
    assert await shop.balance(customer) == 1_000_000 - 1300
    await shop.owns(customer, game)
