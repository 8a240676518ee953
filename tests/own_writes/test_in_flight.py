"""A read that is sent after an own write does not get the answer of an equal one that was sent before it."""

import asyncio
import uuid
from typing import Any

from subgraphs.kit.failpoints import Fault
from tests.clients import eventually
from tests.faults.store import FaultyStore
from tests.own_writes.test_own_writes import stop_relay
from tests.shop import Shop

OWNED = "query($id: ID!) { product(id: $id) { owned } }"


async def test_a_read_after_an_own_write_is_not_answered_with_one_from_before(faulty: FaultyStore, shop: Shop) -> None:
    customer, game = await shop.customer(), await shop.games.new(usd="0.10")
    late = Fault(uuid.uuid4().hex, "answered by payment", "delay", seconds=3)

    async def owned() -> Any:
        return (await shop.client.data(OWNED, {"id": game}, customer))["product"]["owned"]

    async def is_waiting() -> bool:
        return faulty.has_triggered(late)

    await stop_relay(faulty, shop)
    faulty.arm("library", late)
    try:
        before = asyncio.create_task(owned())
        await eventually(is_waiting, 30)
        assert (await shop.checkout(customer, game))["__typename"] == "Payment"
        assert not before.done(), "the read was under way all the time"
        assert await owned() is True
        await before
    finally:
        faulty.kill("payment")  # its relay sleeps
        await faulty.heal()
