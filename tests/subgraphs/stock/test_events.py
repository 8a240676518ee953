"""The events of payment, applied to what payments hold: in any order, with the same end."""

import asyncio
from itertools import permutations
from typing import Any

import pytest

from subgraphs.contracts.stock import RELEASE_UNITS, HoldLine, ReleaseRequest
from subgraphs.kit.database.columns import new_id
from tests.subgraphs.stock.conftest import Counters, cancelled, paid, refunded


class Bought:
    """A payment that holds a limited product and a claim's unit."""

    def __init__(self, product: str, sale: str, viewer: Any, payment: str, lines: list[HoldLine]) -> None:
        self.product, self.sale, self.viewer, self.payment, self.lines = product, sale, viewer, payment, lines

    @property
    def claim(self) -> str:
        return self.lines[1].claim_id or ""


@pytest.fixture
async def bought(driver: Any, viewers: Any) -> Bought:
    product, game, viewer = await driver.limited(2), await driver.games.new(), await viewers.user()
    sale = await driver.sale(2, product=game)
    claim = await driver.claimed(viewer, sale)
    lines = [HoldLine(product_id=product), HoldLine(product_id=game, claim_id=claim)]
    return Bought(product, sale, viewer, await driver.held(viewer, *lines), lines)


async def counters(driver: Any, bought: Bought) -> tuple[Counters, Counters, str]:
    return (
        await driver.of_product(bought.product),
        await driver.of_sale(bought.sale),
        await driver.state_of(bought.claim),
    )


async def test_paid_units_are_sold_once(driver: Any, bought: Bought) -> None:
    event = paid(bought.payment, bought.viewer, *bought.lines)
    await driver.deliver(event, event)
    sold = Counters(remaining=1, held=0, sold=1)
    assert await counters(driver, bought) == (sold, sold, "SOLD")
    assert await driver.claimed(bought.viewer, bought.sale) == bought.claim


async def test_cancelled_units_are_given_back_once(driver: Any, bought: Bought) -> None:
    event = cancelled(bought.payment, bought.viewer)
    await driver.deliver(event, event)
    released = ReleaseRequest(payment_id=bought.payment, user_id=bought.viewer.id)
    await driver.stock.command(RELEASE_UNITS, [released])
    free, held = Counters(remaining=2, held=0, sold=0), Counters(remaining=1, held=1, sold=0)
    assert await counters(driver, bought) == (free, held, "HELD")


async def test_paid_and_refunded_in_any_order_end_the_same(driver: Any, viewers: Any) -> None:
    for order in permutations(range(3)):
        product, game, viewer = await driver.limited(2), await driver.games.new(), await viewers.user()
        sale = await driver.sale(2, product=game)
        lines = [HoldLine(product), HoldLine(game, await driver.claimed(viewer, sale))]
        bought = Bought(product, sale, viewer, await driver.held(viewer, *lines), lines)
        events = [
            paid(bought.payment, viewer, *lines),
            refunded(bought.payment, viewer, lines[0]),
            refunded(bought.payment, viewer, lines[1]),
        ]
        await driver.deliver(*[events[index] for index in order])
        back = Counters(remaining=2, held=0, sold=0)
        assert await counters(driver, bought) == (back, back, "RELEASED"), order


async def test_a_partial_refund_returns_its_lines_only(driver: Any, bought: Bought) -> None:
    await driver.deliver(
        refunded(bought.payment, bought.viewer, bought.lines[0]),
        paid(bought.payment, bought.viewer, *bought.lines),
    )
    back, sold = Counters(remaining=2, held=0, sold=0), Counters(remaining=1, held=0, sold=1)
    assert await counters(driver, bought) == (back, sold, "SOLD")


async def test_after_a_refund_the_user_may_claim_again(driver: Any, bought: Bought) -> None:
    await driver.deliver(
        paid(bought.payment, bought.viewer, *bought.lines),
        refunded(bought.payment, bought.viewer, *bought.lines),
    )
    assert await driver.claimed(bought.viewer, bought.sale) != bought.claim
    assert await driver.of_sale(bought.sale) == Counters(remaining=1, held=1, sold=0)


async def test_payments_without_a_hold_change_nothing(driver: Any, viewers: Any) -> None:
    product, viewer = await driver.limited(1), await viewers.user()
    payment, line = new_id(), HoldLine(product_id=product)
    await driver.deliver(paid(payment, viewer, line), refunded(payment, viewer, line))
    assert await driver.of_product(product) == Counters(remaining=1, held=0, sold=0)


async def test_a_cancelled_payment_cannot_hold_any_more(driver: Any, viewers: Any) -> None:
    product, viewer, payment = await driver.limited(1), await viewers.user(), new_id()
    await driver.deliver(cancelled(payment, viewer))
    assert (await driver.hold(viewer, HoldLine(product_id=product), payment=payment))[1].kind == "released"


async def test_a_payment_that_was_charged_without_a_hold_cannot_hold_any_more(driver: Any, viewers: Any) -> None:
    product, viewer, payment = await driver.limited(1), await viewers.user(), new_id()
    line = HoldLine(product_id=product)
    await driver.deliver(paid(payment, viewer, line))
    assert (await driver.hold(viewer, line, payment=payment))[1].kind == "held"
    assert await driver.of_product(product) == Counters(remaining=1, held=0, sold=0)


async def test_many_payments_at_once_end_right(driver: Any, viewers: Any) -> None:
    product, viewer = await driver.limited(100), await viewers.user()
    line = HoldLine(product_id=product)
    payments = await asyncio.gather(*[driver.held(viewer, line) for _ in range(60)])
    events: list[Any] = [paid(payment, viewer, line) for payment in payments[:40]]
    events += [cancelled(payment, viewer) for payment in payments[40:]]
    events += [refunded(payment, viewer, line) for payment in payments[:10]]
    await driver.deliver(*events)
    assert await driver.of_product(product) == Counters(remaining=70, held=0, sold=30)
