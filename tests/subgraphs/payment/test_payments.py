"""Payments under concurrency: every race has one winner, and the ledger shows it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from subgraphs.kit.database.database import Database
from subgraphs.payment.models import Payment
from tests.clients import Metrics, Statements, SubgraphClient, eventually
from tests.shop import Shop
from tests.subgraphs.payment.ledger import ledger

PAY = "mutation($id: ID!) { pay(paymentId: $id) { __typename ... on Payment { state } } }"
CANCEL = "mutation($id: ID!) { cancelPayment(id: $id) { state } }"


async def test_twenty_pays_at_once_charge_once(
    payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
) -> None:
    customer, game = await shop.customer(5000), await shop.games.new(usd="1.00")
    payment_id = await shop.started(customer, await shop.ordered(customer, game))
    answers = await asyncio.gather(*[payment.data(PAY, {"id": payment_id}, customer) for _ in range(20)])
    assert {answer["pay"]["state"] for answer in answers} == {"PAID"}
    assert await ledger(sql, customer.id) == [("TOP_UP", 5000, 5000), ("PURCHASE", -1300, 3700)]


async def test_pay_against_cancel_has_one_winner(
    payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
) -> None:
    for _ in range(5):
        customer, game = await shop.customer(5000), await shop.games.new(usd="1.00")
        payment_id = await shop.started(customer, await shop.ordered(customer, game))
        paid, cancelled = await asyncio.gather(
            payment.run(PAY, {"id": payment_id}, customer), payment.run(CANCEL, {"id": payment_id}, customer)
        )
        assert ("errors" in paid) != ("errors" in cancelled)
        loser = paid if "errors" in paid else cancelled
        assert loser["errors"][0]["extensions"]["code"] == "INVALID_STATE"
        assert len(await ledger(sql, customer.id)) == (1 if "errors" in paid else 2)


async def test_of_two_orders_of_one_product_one_is_paid(
    payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
) -> None:
    customer, game = await shop.customer(5000), await shop.games.new(usd="1.00")
    orders = [await shop.ordered(customer, game) for _ in range(2)]
    payments = [await shop.started(customer, order) for order in orders]
    answers = await asyncio.gather(*[payment.data(PAY, {"id": one}, customer) for one in payments])
    assert sorted(answer["pay"]["__typename"] for answer in answers) == ["AlreadyOwned", "Payment"]
    assert len(await ledger(sql, customer.id)) == 2


async def test_funds_for_ten_of_fifty_pay_exactly_ten(
    payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
) -> None:
    customer = await shop.customer(10 * 130)
    games = [await shop.games.new(usd="0.10") for _ in range(25)]
    payments = [await shop.started(customer, await shop.ordered(customer, game)) for game in games]
    answers = await asyncio.gather(*[payment.data(PAY, {"id": one}, customer) for one in payments])
    kinds = [answer["pay"]["__typename"] for answer in answers]
    assert (kinds.count("Payment"), kinds.count("InsufficientPoints")) == (10, 15)
    assert (await ledger(sql, customer.id))[-1] == ("PURCHASE", -130, 0)


async def test_an_expired_payment_cannot_be_paid_and_frees_its_units(
    payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
) -> None:
    customer, game = await shop.customer(5000), await shop.limited(units=1)
    payment_id = await shop.started(customer, await shop.ordered(customer, game))
    async with sql("payment").transaction() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        await session.execute(update(Payment).where(Payment.id == payment_id).values(expires_at=past))
    assert await payment.code(PAY, {"id": payment_id}, customer) == "INVALID_STATE"

    async def free_again() -> bool:
        query = "query($id: ID!) { product(id: $id) { stock { remaining held } } }"
        data = await shop.client.data(query, {"id": game})
        return bool(data["product"]["stock"] == {"remaining": 1, "held": 0})

    await eventually(free_again)


async def test_a_batch_costs_a_constant_number_of_statements(
    payment: SubgraphClient,
    shop: Shop,
    metrics: Metrics,
    statements: Callable[[str], AbstractAsyncContextManager[Statements]],
) -> None:
    """Forty payments at once go in a few batches, and each batch costs as much as one payment alone."""

    async def pay(count: int) -> tuple[int, int]:
        payers = []
        for _ in range(count):
            customer, game = await shop.customer(5000), await shop.games.new(usd="1.00")
            payers.append((customer, await shop.started(customer, await shop.ordered(customer, game))))
        before = await metrics.value("payment", "steampunk_batches_total", batch="pay")
        async with statements("payment") as counted:
            await asyncio.gather(*[payment.data(PAY, {"id": one}, customer) for customer, one in payers])
        after = await metrics.value("payment", "steampunk_batches_total", batch="pay")
        return counted.count, int(after - before)

    alone, one_batch = await pay(1)
    assert one_batch == 1
    together, batches = await pay(40)
    assert together == alone * batches
    assert batches < 20
