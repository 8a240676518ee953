"""Points that are bought: once a key, and up to a limit."""

import asyncio
from collections.abc import Callable

from sqlalchemy import update

from subgraphs.kit.database.database import Database
from subgraphs.payment.models import Wallet
from tests.clients import SubgraphClient
from tests.shop import Shop
from tests.subgraphs.payment.ledger import ledger

TOP_UP = "mutation($n: Int!, $key: String!) { topUp(amount: $n, idempotencyKey: $key) { balance } }"


async def test_a_key_buys_once_however_often_it_is_sent(
    payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
) -> None:
    customer = await shop.customer(0)
    answers = await asyncio.gather(*[payment.data(TOP_UP, {"n": 100, "key": "k"}, customer) for _ in range(20)])
    assert {answer["topUp"]["balance"] for answer in answers} == {100}
    assert await payment.code(TOP_UP, {"n": 101, "key": "k"}, customer) == "IDEMPOTENCY_CONFLICT"
    assert await payment.data(TOP_UP, {"n": 1, "key": "K"}, customer) == {"topUp": {"balance": 101}}
    assert await ledger(sql, customer.id) == [("TOP_UP", 100, 100), ("TOP_UP", 1, 101)]


async def test_another_users_key_is_another_key(payment: SubgraphClient, shop: Shop) -> None:
    for _ in range(2):
        customer = await shop.customer(0)
        assert await payment.data(TOP_UP, {"n": 7, "key": "same"}, customer) == {"topUp": {"balance": 7}}


async def test_a_wallet_has_an_upper_limit(payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]) -> None:
    customer = await shop.customer(1)
    async with sql("payment").transaction() as session:
        await session.execute(update(Wallet).where(Wallet.user_id == customer.id).values(balance=1_999_999_999))
    assert await payment.code(TOP_UP, {"n": 2, "key": "k"}, customer) == "LIMIT_EXCEEDED"
    async with sql("payment").transaction() as session:
        await session.execute(update(Wallet).where(Wallet.user_id == customer.id).values(balance=1))
