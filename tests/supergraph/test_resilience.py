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
    for name in ("valkey", *SUBGRAPHS, "router", "live", "playground"):
        if name in children:
            children[name].restart()
    await asyncio.to_thread(running.store.wait_ready)
    assert await shop.balance(customer) == 1_000_000 - 1300
    await shop.owns(customer, game)


async def test_what_is_known_is_answered_while_the_till_is_closed(shop: Shop, running: OwnStore) -> None:
    """docs/consistency.md, the column of what happens where payment does not answer."""
    customer, mine, other = await shop.customer(), await shop.games.new(usd="1.00"), await shop.games.new(usd="1.00")
    await shop.bought(customer, mine)
    order_id = await shop.ordered(customer, other)
    await shop.started(customer, order_id)

    owned = "query($a: ID!, $b: ID!) { a: product(id: $a) { owned } b: product(id: $b) { owned } }"
    play = "mutation($id: ID!) { play(productId: $id) { __typename } }"
    wish = "mutation($id: ID!) { addToWishlist(productId: $id) { __typename } }"
    known = """{ me { library { edges { node { product { id } } } } orders(first: 1) { edges { node { id state } } }
        wishlist { edges { node { product { id } } } } claims { totalCount } } }"""
    payment = running.store.children["payment"]
    payment.kill()
    try:
        answer = await shop.client.run(owned, {"a": mine, "b": other}, customer)
        assert answer["data"] == {"a": {"owned": True}, "b": {"owned": None}}
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAVAILABLE"]
        assert (await shop.client.data(known, viewer=customer))["me"] == {
            "library": {"edges": [{"node": {"product": {"id": mine}}}]},
            "orders": {"edges": [{"node": {"id": order_id, "state": "ORDERED"}}]},
            "wishlist": {"edges": [{"node": {"product": {"id": other}}}]},
            "claims": {"totalCount": 0},
        }
        assert (await shop.client.data(play, {"id": mine}, customer))["play"] == {"__typename": "Play"}
        assert await shop.client.code(play, {"id": other}, customer) == "UNAVAILABLE"
        assert await shop.client.code(wish, {"id": other}, customer) == "UNAVAILABLE"
        cancel = "mutation($id: ID!) { cancelOrder(id: $id) { state } }"
        assert await shop.client.code(cancel, {"id": order_id}, customer) == "UNAVAILABLE"
    finally:
        payment.restart()
        await asyncio.to_thread(running.store.wait_ready)
