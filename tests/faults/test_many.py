"""Very many pay at once, through the router: the end is exact."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, insert, literal, select, update

from perf.common import Call, Shopper, World, body, drive
from perf.pay import PAY, PRICE, START_BALANCE, prepare
from subgraphs.kit.columns import new_id
from subgraphs.kit.database import Database
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.order.models import Order
from subgraphs.payment.models import Checkout, LedgerEntry, Payment, TopUp, Wallet
from subgraphs.payment.outcomes import Succeeded, encode
from subgraphs.store.audit import audit
from subgraphs.user.tokens import Signer
from tests.faults.conftest import option
from tests.faults.store import FaultyStore

FUNDS_FOR = 10
ROUNDS = 20
SETTLE_SECONDS = 300


@pytest.fixture
def many(request: pytest.FixtureRequest) -> int:
    return option(request.config, "--many", 1000)


@pytest.fixture
async def world(faulty: FaultyStore, signer: Signer) -> AsyncIterator[World]:
    databases = {name: Database(faulty.settings.database_of(name), 4) for name in SUBGRAPHS}
    yield World(faulty.store.settings, databases, signer)
    for database in databases.values():
        await database.close()


async def test_many_users_pay_at_once(world: World, many: int, faulty: FaultyStore) -> None:
    shoppers = world.shoppers(many)
    payments = await _prepare(world, shoppers)
    tokens = dict(zip(payments, [shopper.token for shopper in shoppers], strict=True))
    assert await _pay(world, tokens) == {"Payment": many}
    ids = [shopper.id for shopper in shoppers]
    async with world.databases["payment"].reading() as session:
        charged = select(func.count()).where(Wallet.user_id.between(min(ids), max(ids)))
        assert await session.scalar(charged.where(Wallet.balance == START_BALANCE - PRICE)) == many
    await _is_right(faulty)


async def test_one_user_pays_very_often_with_funds_for_few(world: World, many: int, faulty: FaultyStore) -> None:
    [shopper] = world.shoppers(1)
    payments = await _prepare(world, world.shoppers(many), instead=shopper)
    assert await _pay(world, dict.fromkeys(payments, shopper.token)) == {
        "Payment": FUNDS_FOR,
        "InsufficientPoints": many - FUNDS_FOR,
    }
    async with world.databases["payment"].reading() as session:
        assert await session.scalar(select(Wallet.balance).where(Wallet.user_id == shopper.id)) == 0
        paid = select(func.count()).where(Payment.user_id == shopper.id, Payment.state == "PAID")
        assert await session.scalar(paid) == FUNDS_FOR
    await _is_right(faulty)


async def _pay(world: World, tokens: dict[str, str]) -> dict[str, int]:
    """Pays all at once; who got no answer asks again. How often there was which answer."""
    answers: dict[str, str] = {}

    def call(payment_id: str) -> Call:
        def kind(answer: bytes) -> str:
            result: Any = msgspec.json.decode(answer)
            if "errors" in result:
                assert result["errors"][0]["extensions"]["code"] == "UNAVAILABLE", result
                return "error"
            answers[payment_id] = result["data"]["pay"]["__typename"]
            return answers[payment_id]

        return Call(tokens[payment_id], body(PAY, {"id": payment_id}), kind)

    for _ in range(ROUNDS):
        waiting = [call(payment_id) for payment_id in tokens if payment_id not in answers]
        if waiting:
            measured = await drive(world.settings.graphql_url, waiting, len(waiting))
            print(f"{measured.row(f'{len(waiting)} at once')}")
    return dict(Counter(answers.values()))


async def _prepare(world: World, shoppers: list[Shopper], instead: Shopper | None = None) -> list[str]:
    """READY payments, with all that the auditor looks for; all those of one user, who has funds for few."""
    payments = await prepare(world, shoppers)
    own = Payment.id.between(min(payments), max(payments))
    if instead is not None:
        async with world.databases["order"].transaction() as session:
            orders = Order.payment_id.between(min(payments), max(payments))
            await session.execute(update(Order).where(orders).values(user_id=instead.id))
        async with world.databases["payment"].transaction() as session:
            await session.execute(update(Payment).where(own).values(user_id=instead.id))
            await session.execute(insert(Wallet).values(user_id=instead.id, balance=FUNDS_FOR * PRICE))
            await session.execute(insert(LedgerEntry).values(_funds(instead.id)))
    columns: dict[str, Any] = {
        "id": Payment.id,
        "user_id": Payment.user_id,
        "idempotency_key": Payment.id,
        "request_hash": literal(""),
        "kind": literal("start"),
        "order_id": Payment.order_id,
        "request": literal("{}"),
        "step": literal("DONE"),
        "outcome": literal(encode(Succeeded())),
        "started_at": Payment.created_at,
        "touched_at": Payment.created_at,
    }
    async with world.databases["payment"].transaction() as session:
        await session.execute(insert(Checkout).from_select(list(columns), select(*columns.values()).where(own)))
        bought = select(
            LedgerEntry.user_id, LedgerEntry.reference, func.substr(LedgerEntry.reference, 8), LedgerEntry.amount
        )
        bought = bought.outerjoin(TopUp, TopUp.user_id == LedgerEntry.user_id)
        bought = bought.where(LedgerEntry.kind == "TOP_UP", TopUp.id.is_(None))
        names = ["user_id", "idempotency_key", "id", "amount"]
        await session.execute(insert(TopUp).from_select(names, bought))
    return payments


def _funds(user_id: str) -> dict[str, Any]:
    points = FUNDS_FOR * PRICE
    return {
        "user_id": user_id,
        "kind": "TOP_UP",
        "amount": points,
        "balance_after": points,
        "reference": f"top-up:{new_id()}",
        "created_at": datetime.now(UTC),
    }


async def _is_right(faulty: FaultyStore) -> None:
    findings = await audit(faulty.settings, settle=SETTLE_SECONDS)
    assert [finding for finding in findings if not finding.is_clean] == []
