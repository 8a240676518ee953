"""The cost of operations that touch several subgraphs: fetches of the router, and SQL statements."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, TypeAlias

import aiohttp
import pytest
from sqlalchemy import func, select

from router.plan import fetches
from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.payment.models import Outbox
from tests.clients import Metrics, Statements, eventually
from tests.shop import Shop

EVERYTHING = """
{ me {
    name email
    wallet { balance }
    wishlist(first: 5) { edges { node { product { title price { points } state owned } } } }
    orders(first: 5) { edges { node { state payment { state } lines { product { title } } } } }
    claims(first: 5) { edges { node { state } } }
    library(first: 5) { edges { node { product { title genres { name } } played } } } } }
"""

ME_IN_ONE_HOP = "{ me { id wallet { balance } orders { totalCount } claims { totalCount } library { totalCount } } }"

CARDS = """query($first: Int!) { products(first: $first) {
    edges { node { id title price { points } state genres { name } owned } } } }"""
Counting: TypeAlias = Callable[[str], AbstractAsyncContextManager[Statements]]
Confirmed: TypeAlias = Callable[[], Awaitable[None]]


@pytest.fixture
def confirmed(sql: Callable[[str], Database]) -> Confirmed:
    """Waits until all events have reached their consumers: then reads have nothing to catch up with."""

    async def is_drained() -> bool:
        async with sql("payment").reading() as session:
            return not await session.scalar(select(func.count()).select_from(Outbox))

    async def wait() -> None:
        await eventually(is_drained, 30)

    return wait


async def plan_of(shop: Shop, http: aiohttp.ClientSession, query: str, token: str) -> Any:
    headers = {"authorization": f"Bearer {token}", "apollo-expose-query-plan": "true"}
    async with http.post(shop.client.url, json={"query": query}, headers=headers) as response:
        answer = await response.json()
    assert "errors" not in answer, answer["errors"]
    return answer["extensions"]["apolloQueryPlan"]


async def test_one_operation_touches_all_six(
    shop: Shop,
    http: aiohttp.ClientSession,
    statements: Counting,
    confirmed: Confirmed,
) -> None:
    customer = await shop.registered(200_000)
    games = [await shop.games.new(usd="1.00") for _ in range(4)]
    await shop.bought(customer, *games[:2])
    await shop.wish(customer, *games[2:])
    await confirmed()

    async with AsyncExitStack() as stack:
        counted = {name: await stack.enter_async_context(statements(name)) for name in SUBGRAPHS}
        data = await shop.client.data(EVERYTHING, viewer=customer)
    me = data["me"]
    assert me["wallet"]["balance"] == 200_000 - 2600
    assert len(me["wishlist"]["edges"]) == len(me["library"]["edges"]) == 2
    assert {edge["node"]["product"]["owned"] for edge in me["wishlist"]["edges"]} == {False}

    asked = fetches(await plan_of(shop, http, EVERYTHING, customer.token))
    assert set(asked) == set(SUBGRAPHS)
    assert len(asked) == 11, asked
    # user: the account. product: the products of three lists; what it remembers costs nothing.
    # order: wishes, orders, lines. payment: balance, payments, and what the user has done lately, for the wishlist, the
    # library and `owned`. stock: claims, limits. library: games, and what is owned of the wishes.
    assert counted["product"].count <= 3
    assert {name: counted[name].count for name in SUBGRAPHS if name != "product"} == {
        "user": 1,
        "order": 3,
        "payment": 5,
        "stock": 2,
        "library": 2,
    }


async def test_the_cost_does_not_grow_with_the_page(shop: Shop, statements: Counting, confirmed: Confirmed) -> None:
    customer = await shop.registered(1_000_000)
    games = [await shop.games.new(usd="0.10") for _ in range(12)]
    costs = []
    for bought in (games[:1], games[1:]):
        await shop.bought(customer, *bought)
        await confirmed()
        async with AsyncExitStack() as stack:
            counted = {name: await stack.enter_async_context(statements(name)) for name in SUBGRAPHS}
            await shop.client.data(EVERYTHING.replace("first: 5", "first: 50"), viewer=customer)
        assert counted.pop("product").count <= 2  # the products of two lists, unless they are remembered
        costs.append([one.count for one in counted.values()])
    assert costs[0] == costs[1]


async def test_a_page_of_cards_asks_payment_once(
    shop: Shop, statements: Counting, metrics: Metrics, confirmed: Confirmed
) -> None:
    customer, games = await shop.customer(), [await shop.games.new(usd="0.10") for _ in range(20)]
    await shop.bought(customer, games[0])
    await confirmed()
    costs = []
    for first in (5, 20):
        before = await metrics.value("payment", "steampunk_requests_total")
        async with statements("library") as library, statements("payment") as payment:
            found = await shop.client.data(CARDS, {"first": first}, customer)
        assert len(found["products"]["edges"]) == first
        asked = await metrics.value("payment", "steampunk_requests_total") - before
        costs.append((asked, payment.count, library.count))
    assert costs == [(1, 1, 1)] * 2
    before = await metrics.value("payment", "steampunk_requests_total")
    await shop.client.data(CARDS, {"first": 20})
    assert await metrics.value("payment", "steampunk_requests_total") == before, "a visitor owns nothing"


async def test_me_needs_no_hop_over_user(shop: Shop, http: aiohttp.ClientSession) -> None:
    customer = await shop.customer(0)
    plan = await plan_of(shop, http, ME_IN_ONE_HOP, customer.token)
    assert "Sequence" not in str(plan["object"]), plan["text"]
    assert sorted(fetches(plan)) == ["library", "order", "payment", "stock"]
