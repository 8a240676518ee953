"""Money that goes back: the points leave the wallet first, and the provider pays once."""

import asyncio

from sqlalchemy import update

from subgraphs.kit.database.database import Database
from subgraphs.payment.models import Wallet
from subgraphs.payment.wallets.domain import MAX_BALANCE
from tests.clients import Account, Games
from tests.faults.store import FaultyStore
from tests.shop import CHECKOUT
from tests.top_ups.customers import Customers
from tests.top_ups.provider import Mailbox, Provider


async def paid(customers: Customers, provider: Provider, mailbox: Mailbox, points: int = 1000) -> tuple[Account, str]:
    customer = await customers.new()
    top_up: str = (await customers.start(customer, points))["id"]
    assert await mailbox.send(provider.pay(top_up)) == 200
    return customer, top_up


async def test_points_leave_and_the_money_goes_back_once(
    customers: Customers, provider: Provider, mailbox: Mailbox
) -> None:
    customer, top_up = await paid(customers, provider, mailbox)
    answers = await asyncio.gather(*[customers.refund(top_up) for _ in range(10)])
    assert {answer["__typename"] for answer in answers} == {"TopUp"}
    assert (await customers.show(customer, top_up))["state"] == "REFUNDED"
    assert await customers.entries(customer) == [("TOP_UP", 1000, 1000), ("REVERSAL", -1000, 0)]
    assert provider.refunded[f"pi_{top_up}"] == 1
    assert await mailbox.send(provider.of(top_up)) == 200, "the message that it was paid comes again"
    assert await customers.entries(customer) == [("TOP_UP", 1000, 1000), ("REVERSAL", -1000, 0)]


async def test_a_provider_that_does_not_answer_is_told_again(
    customers: Customers, provider: Provider, mailbox: Mailbox
) -> None:
    customer, top_up = await paid(customers, provider, mailbox)
    provider.is_down = True
    assert (await customers.refund(top_up))["state"] == "REFUNDING"
    assert await customers.entries(customer) == [("TOP_UP", 1000, 1000), ("REVERSAL", -1000, 0)]
    provider.is_down = False
    await customers.until(customer, top_up, "REFUNDED")
    assert provider.refunded[f"pi_{top_up}"] == 1


async def test_points_that_are_spent_are_not_given_back(
    customers: Customers, provider: Provider, mailbox: Mailbox
) -> None:
    customer, top_up = await paid(customers, provider, mailbox, points=2000)
    game = await Games(customers.client, await customers.viewers.developer()).new(usd="1.00")
    wanted = {"productIds": [game], "idempotencyKey": "buys"}
    bought = (await customers.client.data(CHECKOUT, {"input": wanted}, customer))["checkout"]
    assert bought["state"] == "PAID"
    refused = await customers.refund(top_up)
    left = 2000 - bought["amount"]
    assert refused == {"__typename": "InsufficientPoints", "required": 2000, "balance": left}
    assert (await customers.show(customer, top_up))["state"] == "PAID"
    assert provider.refunded[f"pi_{top_up}"] == 0


async def test_where_the_wallet_has_no_room_left_the_money_goes_back(
    customers: Customers, provider: Provider, mailbox: Mailbox, selling: FaultyStore
) -> None:
    customer, _ = await paid(customers, provider, mailbox)
    late = (await customers.start(customer, 5000))["id"]
    database = Database(selling.settings.database_of("payment"), 1)
    try:
        await _set_balance(database, customer, MAX_BALANCE - 10)
        assert await mailbox.send(provider.pay(late)) == 200
        await _set_balance(database, customer, 1000)  # as the ledger has it
    finally:
        await database.close()
    await customers.until(customer, late, "REFUNDED")
    assert provider.refunded[f"pi_{late}"] == 1
    assert await customers.entries(customer) == [("TOP_UP", 1000, 1000)]


async def _set_balance(database: Database, customer: Account, balance: int) -> None:
    async with database.transaction() as session:
        await session.execute(update(Wallet).where(Wallet.user_id == customer.id).values(balance=balance))
