"""Checkouts are all or nothing, however many come at once."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import select

from subgraphs.contracts.order import ATTACH_ORDERS, PLACE_CHECKOUT_ORDERS, AttachRequest, PlaceRequest
from subgraphs.kit.database.database import Database
from subgraphs.payment.models import Checkout
from tests.clients import Account, SubgraphClient
from tests.shop import Shop
from tests.subgraphs.payment.ledger import ledger

CHECKOUT = "mutation($input: CheckoutInput!) { checkout(input: $input) { __typename ... on Payment { id } } }"
HALF_PRICE = "mutation($id: ID!) { setDiscount(productId: $id, percent: 50) { price { points } } }"
REFUND = 'mutation($id: ID!) { refund(paymentId: $id, idempotencyKey: "r") { ... on Refund { state } } }'


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
    await shop.client.data(HALF_PRICE, {"id": game}, shop.games.developer)
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


async def test_a_refused_checkout_is_not_placed_when_the_network_repeats_its_call(
    order: SubgraphClient, shop: Shop, customer: Account, sql: Callable[[str], Database]
) -> None:
    game = await shop.games.new(usd="2.00")
    assert (await shop.checkout(customer, game, expectedTotal=1300))["__typename"] == "PriceChanged"
    refused = await last_checkout(sql, customer)
    await shop.client.data(HALF_PRICE, {"id": game}, shop.games.developer)
    repeated = PlaceRequest(refused.order_id, refused.id, customer.id, [game], expected_total=1300)
    (outcome,) = await order.command(PLACE_CHECKOUT_ORDERS, [repeated])
    assert (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")
    assert (await shop.checkout(customer, game, expectedTotal=1300))["__typename"] == "Payment"


async def test_a_refused_start_is_not_attached_when_the_network_repeats_its_call(
    order: SubgraphClient, shop: Shop, customer: Account, sql: Callable[[str], Database]
) -> None:
    game = await shop.games.new(usd="1.00")
    order_id = await shop.ordered(customer, game)
    payment_id = await shop.bought(customer, game)
    start = 'mutation($id: ID!) { startPayment(orderId: $id, idempotencyKey: "k") { __typename } }'
    owned = await shop.client.data(start, {"id": order_id}, customer)
    assert owned["startPayment"]["__typename"] == "AlreadyOwned"
    refused = await last_checkout(sql, customer)
    await shop.client.data(REFUND, {"id": payment_id}, customer)
    repeated = AttachRequest(order_id, refused.id, customer.id)
    (outcome,) = await order.command(ATTACH_ORDERS, [repeated])
    assert (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")
    assert await shop.started(customer, order_id)


async def last_checkout(sql: Callable[[str], Database], account: Account) -> Checkout:
    """The row of an account's newest checkout or start."""
    async with sql("payment").reading() as session:
        query = select(Checkout).where(Checkout.user_id == account.id).order_by(Checkout.id.desc()).limit(1)
        return (await session.scalars(query)).one()
