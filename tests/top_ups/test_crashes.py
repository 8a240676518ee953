"""A payment process that is killed between two steps: the next one ends what it had begun."""

import asyncio

import aiohttp
import pytest

from subgraphs.kit.failpoints import Fault
from tests.clients import eventually
from tests.faults.store import FaultyStore
from tests.top_ups.customers import START, Customers
from tests.top_ups.provider import Mailbox, Provider
from tests.top_ups.test_refunds import paid


async def killed(selling: FaultyStore, fault: Fault) -> None:
    async def is_dead() -> bool:
        return selling.is_dead("payment")

    await eventually(is_dead, seconds=30)
    assert selling.has_triggered(fault)
    await selling.heal()


async def test_killed_after_the_provider_has_opened_the_purchase(
    customers: Customers, provider: Provider, selling: FaultyStore
) -> None:
    customer, sessions = await customers.new(), len(provider.sessions)
    fault = Fault(id="opened", point="top-up: opened", action="kill")
    selling.arm("payment", fault)
    assert await customers.client.code(START, {"n": 700, "key": "k"}, customer) is not None
    await killed(selling, fault)
    top_up = await customers.start(customer, 700, "k")
    assert len(provider.sessions) == sessions + 1
    provider.pay(top_up["id"])
    await customers.until(customer, top_up["id"], "PAID")


@pytest.mark.parametrize("point", ["top-up: points taken", "top-up: given back"])
async def test_killed_while_money_goes_back(
    customers: Customers, provider: Provider, mailbox: Mailbox, selling: FaultyStore, point: str
) -> None:
    customer, top_up = await paid(customers, provider, mailbox)
    fault = Fault(id=point.replace(": ", "-"), point=point, action="kill")
    selling.arm("payment", fault)
    refunding = asyncio.create_task(customers.refund(top_up))
    await killed(selling, fault)
    await asyncio.gather(refunding, return_exceptions=True)
    await customers.until(customer, top_up, "REFUNDED")
    assert await customers.entries(customer) == [("TOP_UP", 1000, 1000), ("REVERSAL", -1000, 0)]
    assert provider.refunded[f"pi_{top_up}"] == 1


async def test_a_message_that_finds_the_store_down_is_sent_again(
    customers: Customers, provider: Provider, mailbox: Mailbox, selling: FaultyStore
) -> None:
    customer = await customers.new()
    top_up = (await customers.start(customer))["id"]
    selling.kill("payment")
    with pytest.raises(aiohttp.ClientError):
        await mailbox.send(provider.pay(top_up))
    await selling.heal()
    await mailbox.send(provider.of(top_up))
    assert await customers.entries(customer) == [("TOP_UP", 1000, 1000)]
