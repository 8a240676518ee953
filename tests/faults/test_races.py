"""Races that need a certain order of events."""

import asyncio
import uuid
from random import Random

from sqlalchemy import insert, select

from perf.common import World
from subgraphs.kit.failpoints import Fault
from subgraphs.payment.models import Checkout, Payment
from subgraphs.stock.models import LimitedStock
from subgraphs.user.tokens import Signer
from tests.clients import Viewers
from tests.faults.customer import CHECKOUT, TOP_UP, Customer
from tests.faults.injections import within
from tests.faults.shop import Shelf
from tests.faults.store import FaultyStore
from tests.faults.verification import verify

DISCOUNT = "mutation($id: ID!) { out: setDiscount(productId: $id, percent: 50) { __typename price { points } } }"


async def test_a_late_refusal_still_releases_the_sweepers_hold(
    faulty: FaultyStore, shelf: Shelf, signer: Signer
) -> None:
    """The first attempt learns late that the price differs, while the sweeper goes on at the new price."""
    customer, game = await Viewers(signer).user(), await shelf.scarce_game()
    await shelf.line.ask(TOP_UP, customer, n=1000, key="funds")
    late = Fault(uuid.uuid4().hex, "answered by order", "delay", seconds=4)
    faulty.arm("payment", late)
    wanted = {"productIds": [game], "idempotencyKey": "late", "expectedTotal": shelf.points[game] // 2}
    buying = asyncio.create_task(shelf.line.ask(CHECKOUT, customer, input=wanted))
    await within(10, lambda: faulty.has_triggered(late))
    faulty.freeze("stock")  # the sweeper gets as far as requesting the hold
    await shelf.line.ask(DISCOUNT, shelf.developer, id=game)
    await asyncio.sleep(5)
    await faulty.heal()
    assert (await buying)["__typename"] == "PriceChanged"
    await verify(faulty, shelf, [])


async def test_a_unit_that_the_sweeper_holds_late_is_sold(
    faulty: FaultyStore, shelf: Shelf, signer: Signer, world: World
) -> None:
    """The first attempt has found nothing limited. Before it charges, the game is limited and the sweeper holds it."""
    customer, game = await Viewers(signer).user(), await shelf.plain_game()
    await shelf.line.ask(TOP_UP, customer, n=1000, key="funds")
    late = Fault(uuid.uuid4().hex, "checkout: held", "delay", seconds=6)
    faulty.arm("payment", late)
    wanted = {"productIds": [game], "idempotencyKey": "late"}
    buying = asyncio.create_task(shelf.line.ask(CHECKOUT, customer, input=wanted))
    assert await within(10, lambda: faulty.has_triggered(late))
    faulty.freeze("stock")  # it answers the sweeper only once the first attempt has charged
    async with world.databases["stock"].transaction() as session:
        await session.execute(insert(LimitedStock), [{"product_id": game, "total": 1, "remaining": 1}])
    assert (await buying)["__typename"] == "Payment"
    await faulty.heal()
    async with world.databases["payment"].reading() as session:
        query = select(Checkout.attempts, Payment.holds_units).join(Payment, Payment.id == Checkout.id)
        bought = (await session.execute(query.where(Checkout.user_id == customer.id))).one()
    assert bought.attempts > 1, "the sweeper came too late to hold anything"
    assert bought.holds_units
    await verify(faulty, shelf, [])


async def test_a_hung_redis_does_not_block_purchases(faulty: FaultyStore, shelf: Shelf, signer: Signer) -> None:
    """Each purchase leaves an event for Redis, and the next one still succeeds."""
    customer = Customer(await Viewers(signer).user(), shelf.line, shelf, Random(1))
    for _ in range(10):
        await customer.top_up()
    faulty.freeze("redis")
    for game in shelf.plain[:5]:
        await customer.checkout([game])
        await asyncio.sleep(0.7)  # time for the relay to reach the event
    assert len(customer.payments) == 5
    await faulty.heal()
    await verify(faulty, shelf, [customer])
