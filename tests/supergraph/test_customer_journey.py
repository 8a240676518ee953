"""A customer's journeys through the router, with the final state read back."""

import time
from datetime import UTC, datetime, timedelta

from tests.clients import Client, eventually
from tests.shop import CLAIM, FLASH_SALE, Shop


async def test_register_and_refresh(store_client: Client) -> None:
    email = f"{time.time_ns()}@example.com"
    registered = await store_client.data(
        """mutation($input: RegisterInput!) { register(input: $input) {
            ... on Session { refreshToken user { id email name roles phoneNumber } } } }""",
        {
            "input": {
                "email": email,
                "password": "a long password",
                "name": "Ada",
                "phoneNumber": "+44 20 7946 0000",
            }
        },
    )
    assert registered["register"]["user"] == {
        "id": registered["register"]["user"]["id"],
        "email": email,
        "name": "Ada",
        "roles": ["USER"],
        "phoneNumber": "+442079460000",
    }
    refresh = "mutation($t: String!) { refresh(refreshToken: $t) { accessToken refreshToken } }"
    first = registered["register"]["refreshToken"]
    second = (await store_client.data(refresh, {"t": first}))["refresh"]["refreshToken"]
    assert await store_client.code(refresh, {"t": first}) == "UNAUTHENTICATED"
    assert await store_client.code(refresh, {"t": second}) == "UNAUTHENTICATED", (
        "reusing a refresh token ends its whole family"
    )


async def test_wish_order_pay_and_play(shop: Shop) -> None:
    customer = await shop.customer(20_000)
    game = await shop.games.new(usd="9.99", discount=50)
    order_id = await shop.ordered(customer, game)
    payment_id = await shop.started(customer, order_id)
    paid = await shop.client.data(
        "mutation($id: ID!) { pay(paymentId: $id) { ... on Payment { state amount paidAt } } }",
        {"id": payment_id},
        customer,
    )
    assert paid["pay"]["state"] == "PAID"
    assert paid["pay"]["amount"] == 6494, "9.99 x 1,300 x 50 % is 6,493.5, rounded half up"
    await shop.owns(customer, game)
    played = await shop.client.data(
        "mutation($id: ID!) { play(productId: $id) { ... on Play { product { id } } } }",
        {"id": game},
        customer,
    )
    assert played["play"]["product"]["id"] == game
    data = await shop.client.data(
        """{ me {
            wishlist { totalCount }
            orders { edges { node { id state totalPoints payment { id state } lines { points discountPercent } } } }
            wallet { balance entries { edges { node { kind amount balanceAfter } } } }
            library { edges { node { product { id owned } played } } }
            playHistory { totalCount } } }""",
        viewer=customer,
    )
    assert data["me"] == {
        "wishlist": {"totalCount": 0},
        "orders": {
            "edges": [
                {
                    "node": {
                        "id": order_id,
                        "state": "PAID",
                        "totalPoints": 6494,
                        "payment": {"id": payment_id, "state": "PAID"},
                        "lines": [{"points": 6494, "discountPercent": 50}],
                    }
                }
            ]
        },
        "wallet": {
            "balance": 20_000 - 6494,
            "entries": {
                "edges": [
                    {"node": {"kind": "PURCHASE", "amount": -6494, "balanceAfter": 20_000 - 6494}},
                    {"node": {"kind": "TOP_UP", "amount": 20_000, "balanceAfter": 20_000}},
                ]
            },
        },
        "library": {"edges": [{"node": {"product": {"id": game, "owned": True}, "played": True}}]},
        "playHistory": {"totalCount": 1},
    }


async def test_checkout_of_the_last_unit(shop: Shop) -> None:
    game = await shop.games.new(usd="1.00")
    limited = await shop.client.data(
        "mutation($id: ID!) { limitStock(productId: $id, units: 1) { state stock { remaining } } }",
        {"id": game},
        shop.games.developer,
    )
    assert limited["limitStock"] == {"state": "LIMITED_STOCK", "stock": {"remaining": 1}}
    winner, loser = await shop.customer(), await shop.customer()
    await shop.bought(winner, game)
    late = await shop.checkout(loser, game)
    assert late["items"] == [{"requested": 1, "available": 0, "product": {"id": game}}]
    assert await shop.balance(loser) == 1_000_000

    async def sold() -> bool:
        data = await shop.client.data(
            "query($id: ID!) { product(id: $id) { stock { total remaining held sold } } }", {"id": game}
        )
        return bool(data["product"]["stock"] == {"total": 1, "remaining": 0, "held": 0, "sold": 1})

    await eventually(sold)


async def test_flash_sale_claim_and_checkout(shop: Shop) -> None:
    game, now = await shop.games.new(usd="50.00"), datetime.now(UTC)
    sale = {
        "productId": game,
        "points": 100,
        "units": 1,
        "startsAt": (now - timedelta(seconds=1)).isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
    }
    made = await shop.client.data(FLASH_SALE, {"input": sale}, shop.games.developer)
    sale_id = made["createFlashSale"]["id"]
    winner, loser = await shop.customer(), await shop.customer()
    claim = (await shop.client.data(CLAIM, {"id": sale_id}, winner))["claim"]
    assert (claim["state"], claim["sale"]["remaining"]) == ("HELD", 0)
    again = (await shop.client.data(CLAIM, {"id": sale_id}, winner))["claim"]
    assert again["id"] == claim["id"]
    assert (await shop.client.data(CLAIM, {"id": sale_id}, loser))["claim"]["__typename"] == "SoldOut"
    bought = await shop.checkout(winner, game, claimIds=[claim["id"]], expectedTotal=100)
    assert (bought["state"], bought["amount"]) == ("PAID", 100)
    await shop.owns(winner, game)
    data = await shop.client.data("{ me { claims { edges { node { state } } } } }", viewer=winner)
    assert data["me"]["claims"]["edges"] == [{"node": {"state": "SOLD"}}]


async def test_refund_of_the_unplayed_line_and_its_settlement(shop: Shop) -> None:
    customer = await shop.customer(10_000)
    kept, returned = await shop.games.new(usd="1.00"), await shop.games.new(usd="2.00")
    payment_id = await shop.bought(customer, kept, returned)
    await shop.client.data("mutation($id: ID!) { play(productId: $id) { __typename } }", {"id": kept}, customer)
    refund = """mutation($id: ID!, $key: String!) { refund(paymentId: $id, idempotencyKey: $key) {
        ... on Refund { id state amount products { id } } ... on NotRefundable { lines { reason } } } }"""
    asked = (await shop.client.data(refund, {"id": payment_id, "key": "r"}, customer))["refund"]
    assert (asked["amount"], asked["products"]) == (2600, [{"id": returned}])
    assert (await shop.client.data(refund, {"id": payment_id, "key": "r"}, customer))["refund"]["id"] == asked["id"]
    assert await shop.library(customer) == [kept]

    async def settled() -> bool:
        return await shop.balance(customer) == 10_000 - 1300

    await eventually(settled)
    data = await shop.client.data(
        "query($id: ID!) { payment(id: $id) { state refunds { state amount } } }",
        {"id": payment_id},
        customer,
    )
    assert data["payment"] == {
        "state": "PARTIALLY_REFUNDED",
        "refunds": [{"state": "COMPLETED", "amount": 2600}],
    }
    await shop.bought(customer, returned)
