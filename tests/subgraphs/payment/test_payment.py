"""Money under concurrency: every race has one winner, and the ledger tells the whole story."""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from subgraphs.kit.database import Database
from subgraphs.payment.models import LedgerEntry, Payment, Wallet
from tests.clients import Account, Metrics, Statements, SubgraphClient, eventually
from tests.shop import Shop

PAY = "mutation($id: ID!) { pay(paymentId: $id) { __typename ... on Payment { state } } }"
CANCEL = "mutation($id: ID!) { cancelPayment(id: $id) { state } }"
TOP_UP = "mutation($n: Int!, $key: String!) { topUp(amount: $n, idempotencyKey: $key) { balance } }"
REFUND = """mutation($id: ID!, $key: String!) { refund(paymentId: $id, idempotencyKey: $key) {
    __typename ... on Refund { id amount } } }"""


async def ledger(sql: Callable[[str], Database], user_id: str) -> list[tuple[str, int, int]]:
    """A user's ledger in order; its running balance and the wallet's are checked on the way."""
    async with sql("payment").reading() as session:
        query = select(LedgerEntry).where(LedgerEntry.user_id == user_id).order_by(LedgerEntry.id)
        entries = (await session.scalars(query)).all()
        wallet = await session.get(Wallet, user_id)
    balance = 0
    for entry in entries:
        balance += entry.amount
        assert entry.balance_after == balance >= 0
    assert wallet is not None
    assert wallet.balance == balance
    return [(entry.kind, entry.amount, entry.balance_after) for entry in entries]


class TestTopUp:
    async def test_a_key_buys_once_however_often_it_is_sent(
        self, payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
    ) -> None:
        customer = await shop.customer(0)
        answers = await asyncio.gather(*[payment.data(TOP_UP, {"n": 100, "key": "k"}, customer) for _ in range(20)])
        assert {answer["topUp"]["balance"] for answer in answers} == {100}
        assert await payment.code(TOP_UP, {"n": 101, "key": "k"}, customer) == "IDEMPOTENCY_CONFLICT"
        assert await payment.data(TOP_UP, {"n": 1, "key": "K"}, customer) == {"topUp": {"balance": 101}}
        assert await ledger(sql, customer.id) == [("TOP_UP", 100, 100), ("TOP_UP", 1, 101)]

    async def test_another_users_key_is_another_key(self, payment: SubgraphClient, shop: Shop) -> None:
        for _ in range(2):
            customer = await shop.customer(0)
            assert await payment.data(TOP_UP, {"n": 7, "key": "same"}, customer) == {"topUp": {"balance": 7}}

    async def test_a_wallet_has_an_upper_limit(
        self, payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
    ) -> None:
        customer = await shop.customer(1)
        async with sql("payment").transaction() as session:
            await session.execute(update(Wallet).where(Wallet.user_id == customer.id).values(balance=1_999_999_999))
        assert await payment.code(TOP_UP, {"n": 2, "key": "k"}, customer) == "LIMIT_EXCEEDED"
        async with sql("payment").transaction() as session:
            await session.execute(update(Wallet).where(Wallet.user_id == customer.id).values(balance=1))


class TestPay:
    async def test_twenty_pays_at_once_charge_once(
        self, payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
    ) -> None:
        customer, game = await shop.customer(5000), await shop.games.new(usd="1.00")
        payment_id = await shop.started(customer, await shop.ordered(customer, game))
        answers = await asyncio.gather(*[payment.data(PAY, {"id": payment_id}, customer) for _ in range(20)])
        assert {answer["pay"]["state"] for answer in answers} == {"PAID"}
        assert await ledger(sql, customer.id) == [("TOP_UP", 5000, 5000), ("PURCHASE", -1300, 3700)]

    async def test_pay_against_cancel_has_one_winner(
        self, payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
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
        self, payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
    ) -> None:
        customer, game = await shop.customer(5000), await shop.games.new(usd="1.00")
        orders = [await shop.ordered(customer, game) for _ in range(2)]
        payments = [await shop.started(customer, order) for order in orders]
        answers = await asyncio.gather(*[payment.data(PAY, {"id": one}, customer) for one in payments])
        assert sorted(answer["pay"]["__typename"] for answer in answers) == ["AlreadyOwned", "Payment"]
        assert len(await ledger(sql, customer.id)) == 2

    async def test_funds_for_ten_of_fifty_pay_exactly_ten(
        self, payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
    ) -> None:
        customer = await shop.customer(10 * 130)
        games = [await shop.games.new(usd="0.10") for _ in range(25)]
        payments = [await shop.started(customer, await shop.ordered(customer, game)) for game in games]
        answers = await asyncio.gather(*[payment.data(PAY, {"id": one}, customer) for one in payments])
        kinds = [answer["pay"]["__typename"] for answer in answers]
        assert (kinds.count("Payment"), kinds.count("InsufficientPoints")) == (10, 15)
        assert (await ledger(sql, customer.id))[-1] == ("PURCHASE", -130, 0)

    async def test_an_expired_payment_cannot_be_paid_and_frees_its_units(
        self, payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
    ) -> None:
        customer, game = await shop.customer(5000), await shop.games.new(usd="1.00")
        limit = "mutation($id: ID!) { limitStock(productId: $id, units: 1) { id } }"
        await shop.client.data(limit, {"id": game}, shop.games.developer)
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
        self,
        payment: SubgraphClient,
        shop: Shop,
        metrics: Metrics,
        statements: Callable[[str], AbstractAsyncContextManager[Statements]],
    ) -> None:
        """Forty payers at once go in a few batches; each batch costs what one payment alone does."""

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


class TestCheckout:
    @pytest.fixture
    async def customer(self, shop: Shop) -> Account:
        return await shop.customer(10_000)

    async def test_what_failed_is_undone_before_the_client_hears_of_it(
        self, shop: Shop, sql: Callable[[str], Database]
    ) -> None:
        poor, game = await shop.customer(100), await shop.games.new(usd="1.00")
        limit = "mutation($id: ID!) { limitStock(productId: $id, units: 1) { id } }"
        await shop.client.data(limit, {"id": game}, shop.games.developer)
        assert (await shop.checkout(poor, game))["__typename"] == "InsufficientPoints"
        query = "query($id: ID!) { product(id: $id) { stock { remaining held sold } } }"
        stock = (await shop.client.data(query, {"id": game}))["product"]["stock"]
        assert stock == {"remaining": 1, "held": 0, "sold": 0}
        orders = await shop.client.data("{ me { orders { edges { node { state } } } } }", viewer=poor)
        assert orders["me"]["orders"]["edges"] == [{"node": {"state": "CANCELLED"}}]
        assert await ledger(sql, poor.id) == [("TOP_UP", 100, 100)]

    async def test_a_failed_checkout_is_told_again_to_the_same_key(self, shop: Shop) -> None:
        poor, game = await shop.customer(100), await shop.games.new(usd="1.00")
        first = await shop.checkout(poor, game, idempotencyKey="k")
        await shop.top_up(poor, 10_000)
        assert await shop.checkout(poor, game, idempotencyKey="k") == first
        assert (await shop.checkout(poor, game, idempotencyKey="k2"))["state"] == "PAID"

    async def test_the_last_unit_among_thirty_at_once(self, shop: Shop, sql: Callable[[str], Database]) -> None:
        game = await shop.games.new(usd="1.00")
        limit = "mutation($id: ID!) { limitStock(productId: $id, units: 3) { id } }"
        await shop.client.data(limit, {"id": game}, shop.games.developer)
        customers = [await shop.customer(5000) for _ in range(30)]
        results = await asyncio.gather(*[shop.checkout(customer, game) for customer in customers])
        kinds = [result["__typename"] for result in results]
        assert (kinds.count("Payment"), kinds.count("OutOfStock")) == (3, 27)
        spent = [len(await ledger(sql, customer.id)) - 1 for customer in customers]
        assert sum(spent) == 3

    async def test_two_checkouts_of_one_product_at_once(self, shop: Shop, customer: Account) -> None:
        game = await shop.games.new(usd="1.00")
        results = await asyncio.gather(*[shop.checkout(customer, game) for _ in range(5)])
        kinds = [result["__typename"] for result in results]
        assert kinds.count("Payment") == 1
        assert kinds.count("AlreadyOwned") == 4
        assert await shop.balance(customer) == 10_000 - 1300

    async def test_a_price_that_changed_is_refused_and_an_order_keeps_its_own(
        self, shop: Shop, customer: Account
    ) -> None:
        game = await shop.games.new(usd="2.00")
        order_id = await shop.ordered(customer, game)
        discount = "mutation($id: ID!) { setDiscount(productId: $id, percent: 50) { price { points } } }"
        await shop.client.data(discount, {"id": game}, shop.games.developer)
        changed = await shop.checkout(customer, game, expectedTotal=2600)
        assert (changed["__typename"], changed["actual"]) == ("PriceChanged", 1300)
        payment_id = await shop.started(customer, order_id)
        query = "query($id: ID!) { payment(id: $id) { amount } }"
        assert (await shop.client.data(query, {"id": payment_id}, customer))["payment"]["amount"] == 2600


class TestRefund:
    async def test_many_refunds_at_once_give_back_once(
        self, payment: SubgraphClient, shop: Shop, sql: Callable[[str], Database]
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

    async def test_refund_against_play_has_one_winner(self, payment: SubgraphClient, shop: Shop) -> None:
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
        self, payment: SubgraphClient, shop: Shop
    ) -> None:
        customer, game = await shop.customer(5000), await shop.games.new(usd="1.00")
        bought = await shop.checkout(customer, game)
        refunded = await payment.data(REFUND, {"id": bought["id"], "key": "k"}, customer)
        assert refunded["refund"]["__typename"] == "Refund"
        await asyncio.sleep(1)
        assert await shop.library(customer) == []
