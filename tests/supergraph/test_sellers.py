"""Sellers, through the router: what a withdrawal means to customers, and figures that agree with the ledger."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from subgraphs.payment.models import LedgerEntry
from tests.clients import Account, Client, sale_input
from tests.shop import CLAIM, FLASH_SALE, Shop

WITHDRAW = "mutation($id: ID!) { withdrawProduct(productId: $id) { __typename ... on Product { withdrawnAt } } }"
WISH = "mutation($id: ID!) { out: addToWishlist(productId: $id) { __typename } }"
PLACE = """mutation($input: PlaceOrderInput!) { out: placeOrder(input: $input) {
  __typename ... on ProductsWithdrawn { message products { id title withdrawnAt } } } }"""
START = """mutation($id: ID!, $key: String!) { out: startPayment(orderId: $id, idempotencyKey: $key) {
  __typename ... on Payment { id } ... on ProductsWithdrawn { products { id } } } }"""
PAY = "mutation($id: ID!) { out: pay(paymentId: $id) { __typename ... on Payment { state } } }"
PLAY = "mutation($id: ID!) { out: play(productId: $id) { __typename } }"
MINE = """{ me {
  library { edges { node { product { id title headerImage withdrawnAt } } } }
  wishlist { edges { node { product { id title withdrawnAt } } } }
  orders { edges { node { state lines { title product { id title headerImage withdrawnAt } } } } } } }"""
SOLD = """query($id: ID!, $from: Date!, $to: Date!, $first: Int, $after: String) {
  product(id: $id) { sold(from: $from, to: $to) {
    units points refundedUnits refundedPoints
    days(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
      edges { node { day units points refundedUnits refundedPoints } } } } } }"""
REFUND = """mutation($id: ID!, $key: String!, $products: [ID!]) { out: refund(
  paymentId: $id, idempotencyKey: $key, productIds: $products) { __typename } }"""


@pytest.fixture
def do(store_client: Client) -> Any:
    async def ask(account: Account, operation: str, **variables: Any) -> Any:
        return (await store_client.data(operation, variables, account))["out"]

    return ask


async def withdraw(shop: Shop, game: str) -> None:
    answer = await shop.client.data(WITHDRAW, {"id": game}, shop.games.developer)
    assert answer["withdrawProduct"]["withdrawnAt"]


def key() -> str:
    return str(uuid.uuid4())


async def test_what_was_bought_stays_and_nobody_buys_it_any_more(shop: Shop, do: Any) -> None:
    game = await shop.games.new(title="Farewell")
    owner, wisher, orderer, payer = [await shop.customer() for _ in range(4)]
    await shop.bought(owner, game)
    await shop.wish(wisher, game)
    order_id = await shop.ordered(orderer, game)
    payment_id = await shop.started(payer, await shop.ordered(payer, game))

    await withdraw(shop, game)

    refused = await shop.checkout(wisher, game)
    assert refused["__typename"] == "ProductsWithdrawn"
    assert (await do(await shop.customer(), WISH, id=game))["__typename"] == "ProductsWithdrawn"
    placed = await do(wisher, PLACE, input={"productIds": [game], "idempotencyKey": key()})
    assert (placed["__typename"], [one["title"] for one in placed["products"]]) == ("ProductsWithdrawn", ["Farewell"])
    started = await do(orderer, START, id=order_id, key=key())
    assert started == {"__typename": "ProductsWithdrawn", "products": [{"id": game}]}
    assert (await do(payer, PAY, id=payment_id)) == {"__typename": "Payment", "state": "PAID"}
    for account in (owner, payer):
        mine = (await shop.client.data(MINE, viewer=account))["me"]
        (node,) = [edge["node"]["product"] for edge in mine["library"]["edges"]]
        assert (node["id"], node["title"]) == (game, "Farewell")
        assert node["withdrawnAt"]
        assert mine["orders"]["edges"][0]["node"]["lines"][0]["product"] == node
        assert (await do(account, PLAY, id=game)) == {"__typename": "Play"}
    mine = (await shop.client.data(MINE, viewer=wisher))["me"]
    (node,) = [edge["node"]["product"] for edge in mine["wishlist"]["edges"]]
    assert node["title"] == "Farewell"
    assert node["withdrawnAt"]
    assert await shop.balance(wisher) == await shop.balance(orderer) == 1_000_000


async def test_a_claim_on_what_is_withdrawn_buys_nothing(shop: Shop) -> None:
    game, customer = await shop.games.new(), await shop.customer()
    sale = {"input": sale_input(game, points=5, units=1)}
    sale_id = (await shop.client.data(FLASH_SALE, sale, shop.games.developer))["createFlashSale"]["id"]
    claim_id = (await shop.client.data(CLAIM, {"id": sale_id}, customer))["claim"]["id"]
    cancel = "mutation($id: ID!) { cancelFlashSale(id: $id) { state } }"
    await shop.client.data(cancel, {"id": sale_id}, shop.games.developer)
    await withdraw(shop, game)

    refused = await shop.checkout(customer, game, claimIds=[claim_id])

    assert refused["__typename"] == "ProductsWithdrawn"
    assert await shop.balance(customer) == 1_000_000


async def test_figures_agree_with_the_ledger(shop: Shop, do: Any, sql: Any) -> None:
    games = [await shop.games.new(usd="1.00"), await shop.games.new(usd="2.50", discount=50)]
    customers = [await shop.customer() for _ in range(6)]
    payments = [await shop.bought(customer, *games) for customer in customers[:4]]
    ordered = await shop.started(customers[4], await shop.ordered(customers[4], games[0]))
    assert (await do(customers[4], PAY, id=ordered))["state"] == "PAID"
    await shop.started(customers[5], await shop.ordered(customers[5], games[0]))  # never paid
    for payment_id, customer, products in ((payments[0], customers[0], [games[0]]), (payments[1], customers[1], None)):
        refund = await do(customer, REFUND, id=payment_id, key=key(), products=products)
        assert refund["__typename"] == "Refund"

    sales = [await figures(shop, game) for game in games]

    assert [(one["units"], one["points"]) for one in sales] == [(5, 5 * 1300), (4, 4 * 1625)]
    assert [(one["refundedUnits"], one["refundedPoints"]) for one in sales] == [(2, 2 * 1300), (1, 1625)]
    async with sql("payment").reading() as session:
        charged = select(func.sum(LedgerEntry.amount)).where(
            LedgerEntry.kind == "PURCHASE", LedgerEntry.payment_id.in_([*payments, ordered])
        )
        assert sum(one["points"] for one in sales) == -(await session.scalar(charged))


async def figures(shop: Shop, game: str) -> Any:
    """A product's figures of yesterday until tomorrow; checks that the days add up."""
    today = datetime.now(UTC).date()
    period = {"from": str(today - timedelta(days=1)), "to": str(today + timedelta(days=1))}
    asked = {"id": game, **period, "first": 1}
    sales: dict[str, Any] = (await shop.client.data(SOLD, asked, shop.games.developer))["product"]["sold"]
    days, page = list[dict[str, Any]](), sales.pop("days")
    while True:
        days += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        asked["after"] = page["pageInfo"]["endCursor"]
        page = (await shop.client.data(SOLD, asked, shop.games.developer))["product"]["sold"]["days"]
    assert page["totalCount"] == len(days)
    for name, total in sales.items():
        assert total == sum(day[name] for day in days)
    return sales


async def test_figures_are_for_the_publisher_and_admins_only(shop: Shop) -> None:
    game = await shop.games.new()
    await shop.bought(await shop.customer(), game)
    asked = {"id": game, "from": "2020-01-01", "to": "2020-12-31"}
    for stranger in (await shop.viewers.user(), await shop.viewers.developer()):
        answer = await shop.client.run(SOLD, asked, stranger)
        assert answer["data"]["product"]["sold"] is None
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    for manager in (shop.games.developer, await shop.viewers.admin()):
        sales = (await shop.client.data(SOLD, asked, manager))["product"]["sold"]
        assert sales == {"units": 0, "points": 0, "refundedUnits": 0, "refundedPoints": 0} | {
            "days": {"totalCount": 0, "pageInfo": {"hasNextPage": False, "endCursor": None}, "edges": []}
        }
    for wrong in ({"to": "2019-12-31"}, {"to": "2021-01-01"}):
        assert await shop.client.code(SOLD, asked | wrong, shop.games.developer) == "BAD_USER_INPUT"
