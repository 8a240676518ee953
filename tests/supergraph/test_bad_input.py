"""An input with several faults is refused with all of them, through the router, and changes nothing."""

import uuid
from typing import Any

import pytest

from tests.clients import bad_fields, game_input, sale_input
from tests.shop import CHECKOUT, FLASH_SALE, Shop

REGISTER = "mutation($input: RegisterInput!) { register(input: $input) { __typename } }"
PUBLISH = "mutation($input: PublishProductInput!) { publishProduct(input: $input) { id } }"
PLACE = "mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename } }"


async def test_of_a_registration(shop: Shop) -> None:
    answer = await shop.client.run(
        REGISTER, {"input": {"email": "nobody", "password": "short", "name": " ", "phoneNumber": "12"}}
    )
    assert bad_fields(answer) == ["email", "password", "name", "phoneNumber"]


async def test_of_a_password_that_is_changed(shop: Shop) -> None:
    account = await shop.registered(1)
    change = "mutation($c: String!, $n: String!) { changePassword(current: $c, new: $n) { __typename } }"
    assert bad_fields(await shop.client.run(change, {"c": "x" * 129, "n": "short"}, account)) == ["current", "new"]
    data = await shop.client.data(change, {"c": "a long password", "n": "another password"}, account)
    assert data == {"changePassword": {"__typename": "Session"}}


async def test_of_a_product(shop: Shop) -> None:
    bad: dict[str, Any] = {"title": "", "description": "", "genres": [], "platforms": [], "headerImage": "picture.jpg"}
    answer = await shop.client.run(PUBLISH, {"input": {**game_input("A Game", "-1"), **bad}}, shop.games.developer)
    assert sorted(bad_fields(answer)) == sorted([*bad, "usd"])


async def test_of_a_flash_sale(shop: Shop) -> None:
    sale = sale_input(await shop.games.new(), points=-1, units=0) | {"endsAt": "2001-01-01T00:00:00Z"}
    answer = await shop.client.run(FLASH_SALE, {"input": sale}, shop.games.developer)
    assert set(bad_fields(answer)) == {"points", "units", "endsAt"}
    sale |= {"startsAt": "2030-01-01T00:00:00", "endsAt": "2031-01-01T00:00:00"}
    answer = await shop.client.run(FLASH_SALE, {"input": sale}, shop.games.developer)
    assert bad_fields(answer) == ["points", "units", "startsAt", "endsAt"]


async def test_of_a_top_up(shop: Shop) -> None:
    customer = await shop.customer(0)
    answer = await shop.client.run('mutation { topUp(amount: 0, idempotencyKey: "") { balance } }', viewer=customer)
    assert bad_fields(answer) == ["amount", "idempotencyKey"]
    start = 'mutation { startTopUp(points: 0, idempotencyKey: "") { id } }'
    assert bad_fields(await shop.client.run(start, viewer=customer)) == ["points", "idempotencyKey"]
    assert await shop.balance(customer) == 0


@pytest.mark.parametrize("mutation", [CHECKOUT, PLACE], ids=["checkout", "placeOrder"])
async def test_of_a_cart(shop: Shop, mutation: str) -> None:
    customer = await shop.customer()
    cart = {"productIds": [], "claimIds": ["1", "1"], "idempotencyKey": ""}
    answer = await shop.client.run(mutation, {"input": cart}, customer)
    assert bad_fields(answer) == ["productIds", "claimIds", "idempotencyKey"]
    assert await shop.balance(customer) == 1_000_000


async def test_of_a_refund(shop: Shop) -> None:
    customer, game = await shop.customer(), await shop.games.new()
    payment = await shop.bought(customer, game)
    refund = """mutation($id: ID!, $products: [ID!], $key: String!) {
        refund(paymentId: $id, productIds: $products, idempotencyKey: $key) { __typename } }"""
    answer = await shop.client.run(refund, {"id": payment, "products": [game, game], "key": ""}, customer)
    assert bad_fields(answer) == ["productIds", "idempotencyKey"]
    data = await shop.client.data(refund, {"id": payment, "key": str(uuid.uuid4())}, customer)
    assert data == {"refund": {"__typename": "Refund"}}
