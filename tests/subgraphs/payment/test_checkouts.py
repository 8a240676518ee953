"""Checkouts are all or nothing, however many come at once."""

import asyncio
from collections.abc import Callable

import pytest

from subgraphs.kit.database.database import Database
from tests.clients import Account, SubgraphClient
from tests.shop import Shop
from tests.subgraphs.payment.ledger import ledger

CHECKOUT = "mutation($input: CheckoutInput!) { checkout(input: $input) { __typename ... on Payment { id } } }"


@pytest.fixture
async def customer(shop: Shop) -> Account:
    return await shop.customer(10_000)


async def test_a_failed_checkout_is_undone_before_the_client_is_told(
    shop: Shop, sql: Callable[[str], Database]
) -> None:
    poor, game = await shop.customer(100), await shop.limited(units=1)
    assert (await shop.checkout(poor, game))["__typename"] == "InsufficientPoints"
    query = "query($id: ID!) { product(id: $id) { stock { remaining held sold } } }"
    stock = (await shop.client.data(query, {"id": game}))["product"]["stock"]
    assert stock == {"remaining": 1, "held": 0, "sold": 0}
    orders = await shop.client.data("{ me { orders { edges { node { state } } } } }", viewer=poor)
    assert orders["me"]["orders"]["edges"] == [{"node": {"state": "CANCELLED"}}]
    assert await ledger(sql, poor.id) == [("TOP_UP", 100, 100)]


async def test_the_same_key_is_told_again_how_its_checkout_failed(shop: Shop) -> None:
    poor, game = await shop.customer(100), await shop.games.new(usd="1.00")
    first = await shop.checkout(poor, game, idempotencyKey="k")
    await shop.top_up(poor, 10_000)
    assert await shop.checkout(poor, game, idempotencyKey="k") == first
    assert (await shop.checkout(poor, game, idempotencyKey="k2"))["state"] == "PAID"


async def test_thirty_checkouts_at_once_of_three_units_sell_three(shop: Shop, sql: Callable[[str], Database]) -> None:
    game = await shop.limited(units=3)
    customers = [await shop.customer(5000) for _ in range(30)]
    results = await asyncio.gather(*[shop.checkout(customer, game) for customer in customers])
    kinds = [result["__typename"] for result in results]
    assert (kinds.count("Payment"), kinds.count("OutOfStock")) == (3, 27)
    spent = [len(await ledger(sql, customer.id)) - 1 for customer in customers]
    assert sum(spent) == 3


async def test_of_five_checkouts_of_one_product_at_once_one_buys(shop: Shop, customer: Account) -> None:
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


async def test_of_two_requests_with_one_key_at_once_one_is_a_conflict(
    payment: SubgraphClient, shop: Shop, customer: Account
) -> None:
    """Repeats of both arrive while the first is under way, and go together in its next batch."""
    games = [await shop.games.new(usd="1.00") for _ in range(2)]

    async def buy(game: str) -> tuple[str, str]:
        wanted = {"idempotencyKey": "k", "productIds": [game]}
        answer = await payment.run(CHECKOUT, {"input": wanted}, customer)
        if "errors" in answer:
            return game, answer["errors"][0]["extensions"]["code"]
        return game, answer["data"]["checkout"]["id"]

    answers = set(await asyncio.gather(*[buy(game) for game in games * 5]))
    assert len(answers) == 2
    [loser] = [game for game, answer in answers if answer == "IDEMPOTENCY_CONFLICT"]
    await shop.owns(customer, *(set(games) - {loser}))
    assert await shop.balance(customer) == 10_000 - 1300


@pytest.mark.parametrize(
    ("ids", "code"),
    [
        ({"productIds": []}, "BAD_USER_INPUT"),
        ({"productIds": ["a", "b", "a"]}, "BAD_USER_INPUT"),
        ({"productIds": ["a"], "claimIds": ["c", "c"]}, "BAD_USER_INPUT"),
        ({"productIds": [str(number) for number in range(51)]}, "LIMIT_EXCEEDED"),
        ({"productIds": ["a"], "claimIds": [str(number) for number in range(51)]}, "LIMIT_EXCEEDED"),
        ({"productIds": ["a"]}, "NOT_FOUND"),
        ({"productIds": ["x" * 100_000]}, "NOT_FOUND"),
        ({"productIds": ["a"], "claimIds": ["x" * 100_000]}, "NOT_FOUND"),
    ],
)
async def test_a_bad_cart_is_refused_and_charges_nothing(
    payment: SubgraphClient, shop: Shop, customer: Account, ids: dict[str, list[str]], code: str
) -> None:
    assert await payment.code(CHECKOUT, {"input": {"idempotencyKey": "bad", **ids}}, customer) == code
    assert await shop.balance(customer) == 10_000


async def test_the_payment_of_an_order_that_cannot_be_is_not_started(
    payment: SubgraphClient, customer: Account
) -> None:
    start = 'mutation($id: ID!) { startPayment(orderId: $id, idempotencyKey: "k") { __typename } }'
    assert await payment.code(start, {"id": "x" * 100_000}, customer) == "NOT_FOUND"
