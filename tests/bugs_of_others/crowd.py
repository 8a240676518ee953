"""Several customers at once, and what a rush must have left."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from tests.clients import Account, eventually
from tests.shop import Shop

PRICE = 1300
"""The points of a game at 1.00."""
ORDERS = (
    "{ me { orders { edges { node { state payment { state } } } } payments { totalCount } library { totalCount } } }"
)
STOCK = "query($id: ID!) { product(id: $id) { stock { total remaining held sold } } }"
START = """mutation($id: ID!) { startPayment(orderId: $id, idempotencyKey: "once") {
    __typename ... on Payment { id amount } } }"""
PAY = "mutation($id: ID!) { pay(paymentId: $id) { __typename } }"
CANCEL = "mutation($id: ID!) { cancelPayment(id: $id) { state } }"


async def at_once(acts: Iterable[Awaitable[Any]]) -> list[Any]:
    return list(await asyncio.gather(*acts))


async def kinds(answers: Awaitable[list[dict[str, Any]]]) -> Counter[str]:
    """How many answers of each type."""
    return Counter(answer["__typename"] for answer in await answers)


async def start(shop: Shop, account: Account, order_id: str) -> dict[str, Any]:
    started: dict[str, Any] = (await shop.client.data(START, {"id": order_id}, account))["startPayment"]
    return started


async def pay(shop: Shop, account: Account, payment_id: str) -> dict[str, Any]:
    paid: dict[str, Any] = (await shop.client.data(PAY, {"id": payment_id}, account))["pay"]
    return paid


async def units(shop: Shop, game: str, **expected: int) -> None:
    """Waits until the product's counters, which everybody sees a little later, are these."""

    async def arrived() -> bool:
        found: dict[str, int] = (await shop.client.data(STOCK, {"id": game}))["product"]["stock"]
        assert found["total"] == found["remaining"] + found["held"] + found["sold"]
        assert min(found.values()) >= 0, found
        return found == expected

    await eventually(arrived, 60)


async def has_nothing(shop: Shop, account: Account, points: int) -> None:
    """Whoever got nothing has paid nothing, and no order or payment is left behind."""
    me = (await shop.client.data(ORDERS, viewer=account))["me"]
    assert {edge["node"]["state"] for edge in me["orders"]["edges"]} <= {"CANCELLED", "READY"}
    assert [edge["node"]["payment"] for edge in me["orders"]["edges"] if edge["node"]["payment"]] == []
    assert (me["payments"]["totalCount"], me["library"]["totalCount"]) == (0, 0)
    assert await shop.balance(account) == points


async def has_bought(shop: Shop, account: Account, games: list[str], points: int) -> None:
    """Whoever has bought has the games, and has paid for them once."""
    assert sorted(await shop.library(account)) == sorted(games)
    assert await shop.balance(account) == points


async def while_reading(shop: Shop, game: str, acts: Callable[[], Awaitable[Any]]) -> Any:
    """Does something while others look at the product: no counter is ever below zero."""
    doing = asyncio.ensure_future(acts())
    while not doing.done():
        found = (await shop.client.data(STOCK, {"id": game}))["product"]["stock"]
        assert min(found.values()) >= 0, found
    return await doing
