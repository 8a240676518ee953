"""Checkouts are all or nothing, whatever comes at once."""

import asyncio
from collections.abc import Callable

import pytest

from subgraphs.kit.database.database import Database
from tests.clients import Account
from tests.shop import Shop
from tests.subgraphs.payment.ledger import ledger


@pytest.fixture
async def customer(shop: Shop) -> Account:
    return await shop.customer(10_000)


async def test_what_failed_is_undone_before_the_client_hears_of_it(shop: Shop, sql: Callable[[str], Database]) -> None:
    poor, game = await shop.customer(100), await shop.limited(units=1)
    assert (await shop.checkout(poor, game))["__typename"] == "InsufficientPoints"
    query = "query($id: ID!) { product(id: $id) { stock { remaining held sold } } }"
    stock = (await shop.client.data(query, {"id": game}))["product"]["stock"]
    assert stock == {"remaining": 1, "held": 0, "sold": 0}
    orders = await shop.client.data("{ me { orders { edges { node { state } } } } }", viewer=poor)
    assert orders["me"]["orders"]["edges"] == [{"node": {"state": "CANCELLED"}}]
    assert await ledger(sql, poor.id) == [("TOP_UP", 100, 100)]


async def test_a_failed_checkout_is_told_again_to_the_same_key(shop: Shop) -> None:
    poor, game = await shop.customer(100), await shop.games.new(usd="1.00")
    first = await shop.checkout(poor, game, idempotencyKey="k")
    await shop.top_up(poor, 10_000)
    assert await shop.checkout(poor, game, idempotencyKey="k") == first
    assert (await shop.checkout(poor, game, idempotencyKey="k2"))["state"] == "PAID"


async def test_the_last_unit_among_thirty_at_once(shop: Shop, sql: Callable[[str], Database]) -> None:
    game = await shop.limited(units=3)
    customers = [await shop.customer(5000) for _ in range(30)]
    results = await asyncio.gather(*[shop.checkout(customer, game) for customer in customers])
    kinds = [result["__typename"] for result in results]
    assert (kinds.count("Payment"), kinds.count("OutOfStock")) == (3, 27)
    spent = [len(await ledger(sql, customer.id)) - 1 for customer in customers]
    assert sum(spent) == 3


async def test_two_checkouts_of_one_product_at_once(shop: Shop, customer: Account) -> None:
    game = await shop.games.new(usd="1.00")
    results = await asyncio.gather(*[shop.checkout(customer, game) for _ in range(5)])
    kinds = [result["__typename"] for result in results]
    assert kinds.count("Payment") == 1
    assert kinds.count("AlreadyOwned") == 4
    assert await shop.balance(customer) == 10_000 - 1300


async def test_a_price_that_changed_is_refused_and_an_order_keeps_its_own(shop: Shop, customer: Account) -> None:
    game = await shop.games.new(usd="2.00")
    order_id = await shop.ordered(customer, game)
    discount = "mutation($id: ID!) { setDiscount(productId: $id, percent: 50) { price { points } } }"
    await shop.client.data(discount, {"id": game}, shop.games.developer)
    changed = await shop.checkout(customer, game, expectedTotal=2600)
    assert (changed["__typename"], changed["actual"]) == ("PriceChanged", 1300)
    payment_id = await shop.started(customer, order_id)
    query = "query($id: ID!) { payment(id: $id) { amount } }"
    assert (await shop.client.data(query, {"id": payment_id}, customer))["payment"]["amount"] == 2600
