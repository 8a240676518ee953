"""The yardstick: what a payment costs at least, with the same libraries.

One subgraph that takes points from a wallet and marks a payment as paid, in one transaction for all requests that wait.
It has no orders, events, ledger, idempotency, limits or logs. Settings: YARDSTICK_DATABASE and YARDSTICK_KEY (PEM).
"""

import asyncio
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import jwt
import strawberry
from sqlalchemy import BindParameter, bindparam, text
from sqlalchemy.ext.asyncio import create_async_engine
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types import Info

AUDIENCE = "yardstick"
MOST = 200
"""Payments in one transaction."""
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
LOCK_PAYMENTS = text("SELECT id, user_id, amount, state FROM payments WHERE id IN :ids FOR UPDATE").bindparams(IDS)
LOCK_WALLETS = text("SELECT user_id, balance FROM wallets WHERE user_id IN :ids FOR UPDATE").bindparams(IDS)
# aiomysql sends all rows in one statement.
DEBIT = text("INSERT INTO wallets VALUES (:user, :balance) ON DUPLICATE KEY UPDATE balance = VALUES(balance)")
MARK = text("UPDATE payments SET state = 'PAID', paid_at = NOW(6) WHERE id IN :ids").bindparams(IDS)

engine = create_async_engine(os.environ.get("YARDSTICK_DATABASE", "mysql+aiomysql://"), pool_size=4)
waiting: list[tuple[str, str, asyncio.Future[Any]]] = []
"""The user, the payment and the outcome of each request that no transaction has taken yet."""
tasks: set[asyncio.Task[None]] = set()
"""The one that works, if any."""


@strawberry.federation.type(keys=["id"])
class Payment:
    id: strawberry.ID
    state: str
    amount: int


@strawberry.type
class InsufficientPoints:
    required: int


@strawberry.type
class Query:
    @strawberry.field
    def ping(self) -> str:
        return "pong"


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def pay(self, info: Info, payment_id: strawberry.ID) -> Payment | InsufficientPoints:
        user = user_of(info.context["request"].headers["authorization"].removeprefix("Bearer "))
        outcome: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        waiting.append((user, payment_id, outcome))
        if not tasks:
            task = asyncio.create_task(work())
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        return await outcome  # type: ignore[no-any-return]


@lru_cache(20_000)
def user_of(token: str) -> str:
    claims = jwt.decode(token, os.environ["YARDSTICK_KEY"], algorithms=["EdDSA"], audience=AUDIENCE)
    return str(claims["sub"])


async def work() -> None:
    """Settles what waits, one batch after the other."""
    while waiting:
        batch = waiting[:MOST]
        del waiting[:MOST]
        try:
            outcomes = await settle([(user, payment) for user, payment, _ in batch])
        except Exception as error:
            outcomes = [error] * len(batch)
        for (_, _, future), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)


async def settle(requests: Sequence[tuple[str, str]]) -> list[Any]:
    """Charges the payments of these users in one transaction: a Payment, InsufficientPoints or an error for each."""
    async with engine.begin() as connection:
        rows = await connection.execute(LOCK_PAYMENTS, {"ids": [payment for _, payment in requests]})
        payments = {row.id: row for row in rows}
        owners = {row.user_id for row in payments.values()}
        balances = {row.user_id: row.balance for row in await connection.execute(LOCK_WALLETS, {"ids": [*owners]})}
        outcomes: list[Any] = []
        paid: list[str] = []
        for user, payment_id in requests:
            row = payments.get(payment_id)
            if row is None or row.user_id != user:
                outcomes.append(LookupError(payment_id))
            elif row.state != "PAID" and payment_id not in paid and balances[user] < row.amount:
                outcomes.append(InsufficientPoints(required=row.amount))
            else:
                outcomes.append(Payment(id=strawberry.ID(payment_id), state="PAID", amount=row.amount))
                if row.state != "PAID" and payment_id not in paid:
                    balances[user] -= row.amount
                    paid.append(payment_id)
        if paid:
            debits = [{"user": payments[one].user_id, "balance": balances[payments[one].user_id]} for one in paid]
            await connection.execute(DEBIT, debits)
            await connection.execute(MARK, {"ids": paid})
    return outcomes


parsed, validated = ParserCache(), ValidationCache()
schema = strawberry.federation.Schema(
    query=Query, mutation=Mutation, federation_version="2.9", extensions=[lambda: parsed, lambda: validated]
)
app = GraphQL(schema)
