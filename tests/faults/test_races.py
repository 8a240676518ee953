"""What only a certain order of events brings about."""

import asyncio
import uuid
from random import Random

from subgraphs.kit.failpoints import Fault
from subgraphs.user.tokens import Signer
from tests.clients import Viewers
from tests.faults.customer import CHECKOUT, TOP_UP, Customer
from tests.faults.injections import within
from tests.faults.settling import settle
from tests.faults.shop import Shelf
from tests.faults.store import FaultyStore

DISCOUNT = "mutation($id: ID!) { out: setDiscount(productId: $id, percent: 50) { __typename price { points } } }"


async def test_a_late_refusal_does_not_forget_what_the_sweeper_has_taken(
    faulty: FaultyStore, shelf: Shelf, signer: Signer
) -> None:
    """The first attempt is told late that the price has changed, while the sweeper gets on at the new price."""
    customer, game = await Viewers(signer).user(), await shelf.scarce_game()
    await shelf.line.ask(TOP_UP, customer, n=1000, key="funds")
    late = Fault(uuid.uuid4().hex, "answered by order", "delay", seconds=4)
    faulty.order("payment", late)
    wanted = {"productIds": [game], "idempotencyKey": "late", "expectedTotal": shelf.points[game] // 2}
    buying = asyncio.create_task(shelf.line.ask(CHECKOUT, customer, input=wanted))
    await within(10, lambda: faulty.has_met(late))
    faulty.freeze("stock")  # the sweeper gets as far as to ask for the unit
    await shelf.line.ask(DISCOUNT, shelf.developer, id=game)
    await asyncio.sleep(5)
    await faulty.heal()
    assert (await buying)["__typename"] == "PriceChanged"
    await settle(faulty, shelf, [])


async def test_a_redis_that_hangs_keeps_nobody_waiting(faulty: FaultyStore, shelf: Shelf, signer: Signer) -> None:
    """Each purchase leaves an event behind for Redis; the next one is answered all the same."""
    customer = Customer(await Viewers(signer).user(), shelf.line, shelf, Random(1))
    for _ in range(10):
        await customer.top_up()
    faulty.freeze("redis")
    for game in shelf.plain[:5]:
        await customer.checkout([game])
        await asyncio.sleep(0.7)  # in which the relay gets to the event
    assert len(customer.payments) == 5
    await faulty.heal()
    await settle(faulty, shelf, [customer])
