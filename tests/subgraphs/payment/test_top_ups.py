"""Top-ups: each key buys once, and a wallet has an upper limit."""

import asyncio
from collections.abc import Callable

import pytest

from subgraphs.kit.database.database import Database
from subgraphs.payment.wallets.domain import MAX_BALANCE, MAX_TOP_UP
from tests.clients import SubgraphClient
from tests.shop import Shop
from tests.subgraphs.payment.ledger import ledger

TOP_UP = "mutation($n: Int!, $key: String!) { topUp(amount: $n, idempotencyKey: $key) { balance } }"


async def test_the_same_key_buys_once_however_often_it_is_sent(
    payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
) -> None:
    customer = await shop.customer(0)
    answers = await asyncio.gather(*[payment.data(TOP_UP, {"n": 100, "key": "k"}, customer) for _ in range(20)])
    assert {answer["topUp"]["balance"] for answer in answers} == {100}
    assert await payment.code(TOP_UP, {"n": 101, "key": "k"}, customer) == "IDEMPOTENCY_CONFLICT"
    assert await payment.data(TOP_UP, {"n": 1, "key": "K"}, customer) == {"topUp": {"balance": 101}}
    assert await ledger(sql, customer.id) == [("TOP_UP", 100, 100), ("TOP_UP", 1, 101)]


async def test_two_users_may_use_the_same_key(payment: SubgraphClient, shop: Shop) -> None:
    for _ in range(2):
        customer = await shop.customer(0)
        assert await payment.data(TOP_UP, {"n": 7, "key": "same"}, customer) == {"topUp": {"balance": 7}}


async def test_a_wallet_has_an_upper_limit(payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]) -> None:
    customer = await shop.customer(0)
    count = MAX_BALANCE // MAX_TOP_UP
    top_ups = [payment.data(TOP_UP, {"n": MAX_TOP_UP, "key": str(key)}, customer) for key in range(count)]
    balances = [answer["topUp"]["balance"] for answer in await asyncio.gather(*top_ups)]
    assert max(balances) == MAX_BALANCE
    for _ in range(2):
        assert await payment.code(TOP_UP, {"n": 1, "key": "one more"}, customer) == "LIMIT_EXCEEDED"
    entries = await ledger(sql, customer.id)
    assert (len(entries), entries[-1]) == (count, ("TOP_UP", MAX_TOP_UP, MAX_BALANCE))


@pytest.mark.parametrize("amount", [-1, 0, MAX_TOP_UP + 1])
async def test_an_amount_out_of_range_buys_nothing(payment: SubgraphClient, shop: Shop, amount: int) -> None:
    customer = await shop.customer(0)
    assert await payment.code(TOP_UP, {"n": amount, "key": "k"}, customer) == "BAD_USER_INPUT"
    assert await payment.data(TOP_UP, {"n": 1, "key": "k"}, customer) == {"topUp": {"balance": 1}}
