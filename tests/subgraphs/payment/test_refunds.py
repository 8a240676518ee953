"""Refunds under concurrency: a product is given back once, and never when it was played."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

from subgraphs.kit.database.database import Database
from tests.clients import SubgraphClient, eventually
from tests.shop import Shop
from tests.subgraphs.payment.ledger import applied, ledger

REFUND = """mutation($id: ID!, $key: String!) { refund(paymentId: $id, idempotencyKey: $key) {
    __typename ... on Refund { id amount } } }"""


async def test_many_refunds_at_once_give_back_once(
    payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
) -> None:
    customer, game = await shop.customer(5000), await shop.games.new(usd="1.00")
    payment_id = await shop.bought(customer, game)
    answers = await asyncio.gather(
        *[payment.data(REFUND, {"id": payment_id, "key": str(uuid.uuid4())}, customer) for _ in range(10)]
    )
    kinds = [answer["refund"]["__typename"] for answer in answers]
    assert (kinds.count("Refund"), kinds.count("NotRefundable")) == (1, 9)

    async def settled() -> bool:
        return await shop.balance(customer) == 5000

    await eventually(settled)
    assert (await ledger(sql, customer.id))[-1] == ("REFUND", 1300, 5000)


async def test_refund_against_play_has_one_winner(payment: SubgraphClient, shop: Shop) -> None:
    play = "mutation($id: ID!) { play(productId: $id) { __typename } }"
    for _ in range(5):
        customer, game = await shop.customer(5000), await shop.games.new(usd="1.00")
        payment_id = await shop.bought(customer, game)
        played, refunded = await asyncio.gather(
            shop.client.data(play, {"id": game}, customer),
            payment.data(REFUND, {"id": payment_id, "key": "k"}, customer),
        )
        outcome: tuple[Any, Any] = (played["play"]["__typename"], refunded["refund"]["__typename"])
        assert outcome in {("Play", "NotRefundable"), ("NotOwned", "Refund")}


async def test_a_refund_right_after_the_payment_overtakes_the_grant(
    payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
) -> None:
    customer, game = await shop.customer(5000), await shop.games.new(usd="1.00")
    bought = await shop.checkout(customer, game)
    refunded = await payment.data(REFUND, {"id": bought["id"], "key": "k"}, customer)
    assert refunded["refund"]["__typename"] == "Refund"
    await eventually(lambda: applied(sql, bought["id"]))
    assert await shop.library(customer) == []


async def test_a_list_that_names_nothing_or_a_product_twice_is_refused(payment: SubgraphClient, shop: Shop) -> None:
    customer, game = await shop.customer(5000), await shop.games.new(usd="1.00")
    payment_id = await shop.bought(customer, game)
    refund = """mutation($id: ID!, $ids: [ID!]!) { refund(paymentId: $id, idempotencyKey: "k", productIds: $ids) {
        __typename } }"""
    for product_ids in ([], [game, game]):
        assert await payment.code(refund, {"id": payment_id, "ids": product_ids}, customer) == "BAD_USER_INPUT"
    assert await payment.code(refund, {"id": payment_id, "ids": ["no such product"]}, customer) == "NOT_FOUND"
    assert await shop.library(customer) == [game]
    answer = await payment.data(refund, {"id": payment_id, "ids": [game]}, customer)
    assert answer == {"refund": {"__typename": "Refund"}}
