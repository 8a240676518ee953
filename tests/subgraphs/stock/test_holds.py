"""The commands that hold units for payments and give them back."""

import asyncio
from typing import Any

from subgraphs.contracts.stock import (
    HOLD_UNITS,
    RELEASE_UNITS,
    HoldLine,
    HoldOutcome,
    HoldRequest,
    ReleaseRequest,
    ShortLine,
)
from subgraphs.kit.database.columns import new_id
from subgraphs.stock.models import Hold
from tests.clients import eventually
from tests.subgraphs.stock.conftest import Counters

HELD = HoldOutcome(kind="held")


async def release(driver: Any, payment: str, viewer: Any) -> None:
    await driver.stock.command(RELEASE_UNITS, [ReleaseRequest(payment_id=payment, user_id=viewer.id)])


async def test_a_hold_takes_a_unit_of_each_limited_product(driver: Any, viewers: Any) -> None:
    product, unlimited = await driver.limited(3), await driver.games.new()
    viewer = await viewers.user()
    await driver.held(viewer, HoldLine(product_id=product), HoldLine(product_id=unlimited))
    assert await driver.of_product(product) == Counters(remaining=2, held=1, sold=0)


async def test_the_same_payment_holds_once(driver: Any, viewers: Any) -> None:
    product = await driver.limited(3)
    line = HoldLine(product_id=product)
    request = HoldRequest(payment_id=new_id(), user_id=(await viewers.user()).id, lines=[line])
    answers = await asyncio.gather(*[driver.stock.command(HOLD_UNITS, [request, request]) for _ in range(4)])
    assert answers == [[HELD, HELD]] * 4
    assert await driver.of_product(product) == Counters(remaining=2, held=1, sold=0)


async def test_all_or_none(driver: Any, viewers: Any) -> None:
    full, empty = await driver.limited(5), await driver.limited(0)
    outcome = (await driver.hold(await viewers.user(), HoldLine(full), HoldLine(empty)))[1]
    short = [ShortLine(product_id=empty, requested=1, available=0)]
    assert outcome == HoldOutcome(kind="out_of_stock", short=short)
    assert await driver.of_product(full) == Counters(remaining=5, held=0, sold=0)


async def test_in_one_call_the_first_payments_get_the_units(driver: Any, viewers: Any, statements: Any) -> None:
    product, other = await driver.limited(20), await driver.limited(200)
    viewer = await viewers.user()
    lines = [HoldLine(product_id=product), HoldLine(product_id=other)]
    requests = [HoldRequest(payment_id=new_id(), user_id=viewer.id, lines=lines) for _ in range(200)]
    async with statements("stock") as counted:
        outcomes = await driver.stock.command(HOLD_UNITS, requests)
    assert [outcome.kind for outcome in outcomes] == ["held"] * 20 + ["out_of_stock"] * 180
    assert counted.count <= 9
    assert await driver.of_product(product) == Counters(remaining=0, held=20, sold=0)
    assert await driver.of_product(other) == Counters(remaining=180, held=20, sold=0)
    async with statements("stock") as counted:
        releases = [ReleaseRequest(payment_id=r.payment_id, user_id=viewer.id) for r in requests]
        await driver.stock.command(RELEASE_UNITS, releases)
    assert counted.count <= 9
    assert await driver.of_product(product) == Counters(remaining=20, held=0, sold=0)
    assert await driver.of_product(other) == Counters(remaining=200, held=0, sold=0)


async def test_payments_at_once_share_the_last_units(driver: Any, viewers: Any) -> None:
    first, second = await driver.limited(3), await driver.limited(3)
    viewer = await viewers.user()
    orders = [[HoldLine(first), HoldLine(second)], [HoldLine(second), HoldLine(first)]] * 4
    outcomes = await asyncio.gather(*[driver.hold(viewer, *lines) for lines in orders])
    assert sorted(outcome.kind for _, outcome in outcomes) == ["held"] * 3 + ["out_of_stock"] * 5
    assert await driver.of_product(first) == await driver.of_product(second) == Counters(0, 3, 0)


async def test_a_release_gives_back_once(driver: Any, viewers: Any) -> None:
    product = await driver.limited(3)
    viewer = await viewers.user()
    payment = await driver.held(viewer, HoldLine(product_id=product))
    await asyncio.gather(*[release(driver, payment, viewer) for _ in range(4)])
    assert await driver.of_product(product) == Counters(remaining=3, held=0, sold=0)
    assert (await driver.hold(viewer, HoldLine(product_id=product), payment=payment))[1].kind == "released"
    assert await driver.of_product(product) == Counters(remaining=3, held=0, sold=0)


async def test_a_release_that_comes_first_keeps_the_hold_from_being_taken(driver: Any, viewers: Any) -> None:
    limited, unlimited = await driver.limited(1), await driver.games.new()
    viewer = await viewers.user()
    for product in (limited, unlimited):
        payment = new_id()
        await release(driver, payment, viewer)
        assert (await driver.hold(viewer, HoldLine(product_id=product), payment=payment))[1].kind == "released"
    assert await driver.of_product(limited) == Counters(remaining=1, held=0, sold=0)


async def test_holding_and_releasing_at_once_ends_released(driver: Any, viewers: Any) -> None:
    product = await driver.limited(50)
    viewer = await viewers.user()
    payments = [new_id() for _ in range(20)]
    line = HoldLine(product_id=product)
    holds = [driver.hold(viewer, line, payment=payment) for payment in payments]
    await asyncio.gather(*holds, *[release(driver, payment, viewer) for payment in payments])
    assert await driver.of_product(product) == Counters(remaining=50, held=0, sold=0)


async def test_payments_of_unlimited_products_leave_no_rows(driver: Any, viewers: Any, sql: Any) -> None:
    payment = await driver.held(await viewers.user(), HoldLine(product_id=await driver.games.new()))
    async with sql("stock").reading() as session:
        assert await session.get(Hold, payment) is None


async def test_a_claim_goes_into_one_payment(driver: Any, viewers: Any) -> None:
    product = await driver.limited(1)
    sale = await driver.sale(3, product=product)
    viewer = await viewers.user()
    line = HoldLine(product_id=product, claim_id=await driver.claimed(viewer, sale))
    payment = await driver.held(viewer, line)
    assert (await driver.hold(viewer, line, payment=payment))[1] == HELD
    short = HoldOutcome(kind="out_of_stock", short=[ShortLine(product, 1, available=2)])
    assert (await driver.hold(viewer, line))[1] == short
    assert await driver.of_product(product) == Counters(remaining=1, held=0, sold=0)
    assert await driver.of_sale(sale) == Counters(remaining=2, held=1, sold=0)


async def test_of_two_payments_in_one_call_the_first_gets_the_claim(driver: Any, viewers: Any) -> None:
    product = await driver.games.new()
    viewer = await viewers.user()
    line = HoldLine(product_id=product, claim_id=await driver.claimed(viewer, await driver.sale(1, product=product)))
    requests = [HoldRequest(payment_id=new_id(), user_id=viewer.id, lines=[line]) for _ in range(2)]
    outcomes = await driver.stock.command(HOLD_UNITS, requests)
    assert [outcome.kind for outcome in outcomes] == ["held", "out_of_stock"]


async def test_a_claim_that_cannot_be_used_is_out_of_stock(driver: Any, viewers: Any) -> None:
    product, other = await driver.games.new(), await driver.games.new()
    sale = await driver.sale(5, product=product)
    viewer = await viewers.user()
    claim = await driver.claimed(viewer, sale)
    bad = [
        (await viewers.user(), HoldLine(product_id=product, claim_id=claim), 4),
        (viewer, HoldLine(product_id=other, claim_id=claim), 4),
        (viewer, HoldLine(product_id=product, claim_id="nonsense"), 0),
    ]
    for user, line, available in bad:
        short = [ShortLine(product_id=line.product_id, requested=1, available=available)]
        assert (await driver.hold(user, line))[1] == HoldOutcome(kind="out_of_stock", short=short)
    await driver.lapse(claim)
    assert (await driver.hold(viewer, HoldLine(product_id=product, claim_id=claim)))[1].kind == "out_of_stock"


async def test_a_released_payments_claim_can_be_used_again(driver: Any, viewers: Any) -> None:
    product = await driver.games.new()
    sale = await driver.sale(1, product=product)
    viewer = await viewers.user()
    line = HoldLine(product_id=product, claim_id=await driver.claimed(viewer, sale))
    await release(driver, await driver.held(viewer, line), viewer)
    assert await driver.state_of(line.claim_id or "") == "HELD"
    await driver.held(viewer, line)
    assert await driver.of_sale(sale) == Counters(remaining=0, held=1, sold=0)


async def test_a_claim_does_not_expire_in_a_payment_but_after_it(driver: Any, viewers: Any) -> None:
    product = await driver.games.new()
    sale, viewer = await driver.sale(1, product=product), await viewers.user()
    claim = await driver.claimed(viewer, sale)
    payment = await driver.held(viewer, HoldLine(product_id=product, claim_id=claim))
    await driver.lapse(claim)
    bait = await driver.claimed(viewer, await driver.sale(1))
    await driver.lapse(bait)

    async def taken_back() -> bool:
        return bool(await driver.state_of(bait) == "EXPIRED")

    await eventually(taken_back)
    assert await driver.state_of(claim) == "HELD"
    await release(driver, payment, viewer)
    assert await driver.state_of(claim) == "EXPIRED"
    assert await driver.of_sale(sale) == Counters(remaining=1, held=0, sold=0)


async def test_the_commands_are_for_peers_only(driver: Any, viewers: Any) -> None:
    for command in (HOLD_UNITS, RELEASE_UNITS):
        assert await driver.stock.code(command.document, {"r": []}, await viewers.admin()) == "FORBIDDEN"
