"""With many concurrent payments through the router, every balance is exact."""

from collections import Counter
from typing import Any

import msgspec
from sqlalchemy import func, select, update

from perf.load import Call, body, drive
from perf.scenarios.pay import PAY, PRICE, ready_payments
from perf.scenarios.points import START_BALANCE
from perf.world import World
from subgraphs.order.models import Order
from subgraphs.payment.models import Checkout, Payment, Wallet
from subgraphs.store.audit import audit
from tests.clients import Account
from tests.faults.customer import TOP_UP
from tests.faults.shop import Shelf
from tests.faults.store import FaultyStore

FUNDS_FOR = 10
ROUNDS = 20
AUDIT_WAIT_SECONDS = 300


async def test_many_users_pay_at_once(world: World, many: int, faulty: FaultyStore) -> None:
    shoppers = world.shoppers(many)
    payments = await ready_payments(world, shoppers)
    tokens = dict(zip(payments, [shopper.token for shopper in shoppers], strict=True))
    assert await _pay(world, tokens) == {"Payment": many}
    ids = [shopper.id for shopper in shoppers]
    async with world.databases["payment"].reading() as session:
        charged = select(func.count()).where(Wallet.user_id.between(min(ids), max(ids)))
        assert await session.scalar(charged.where(Wallet.balance == START_BALANCE - PRICE)) == many
    await _assert_consistent(faulty)


async def test_one_user_cannot_pay_more_than_the_balance(
    world: World, many: int, faulty: FaultyStore, shelf: Shelf
) -> None:
    [shopper] = world.shoppers(1)
    payments = await ready_payments(world, world.shoppers(many))
    await _assign(world, payments, shopper.id)
    await shelf.line.ask(TOP_UP, Account(shopper.id, shopper.token), n=FUNDS_FOR * PRICE, key="funds")
    assert await _pay(world, dict.fromkeys(payments, shopper.token)) == {
        "Payment": FUNDS_FOR,
        "InsufficientPoints": many - FUNDS_FOR,
    }
    async with world.databases["payment"].reading() as session:
        assert await session.scalar(select(Wallet.balance).where(Wallet.user_id == shopper.id)) == 0
        paid = select(func.count()).where(Payment.user_id == shopper.id, Payment.state == "PAID")
        assert await session.scalar(paid) == FUNDS_FOR
    await _assert_consistent(faulty)


async def _pay(world: World, tokens: dict[str, str]) -> dict[str, int]:
    """Makes all payments at once and retries those without an answer. Returns the number of answers by type."""
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


async def _assign(world: World, payments: list[str], user_id: str) -> None:
    """Gives one user the payments that were prepared for many."""
    first, last = min(payments), max(payments)
    async with world.databases["order"].transaction() as session:
        await session.execute(update(Order).where(Order.payment_id.between(first, last)).values(user_id=user_id))
    async with world.databases["payment"].transaction() as session:
        for table in (Payment, Checkout):
            await session.execute(update(table).where(table.id.between(first, last)).values(user_id=user_id))


async def _assert_consistent(faulty: FaultyStore) -> None:
    findings = await audit(faulty.settings, wait=AUDIT_WAIT_SECONDS)
    assert [finding for finding in findings if not finding.is_clean] == []
