"""`FlashSale.myClaim`: the claim that a viewer has on each sale of a page."""

from typing import Any

from subgraphs.contracts.stock import HoldLine
from tests.clients import Account
from tests.subgraphs.stock.conftest import RELEASE, paid, refunded

SALES = """query($r: [_Any!]!) { _entities(representations: $r) {
    ... on FlashSale { myClaim { id state sale { id remaining myClaim { id } } } } } }"""


async def my_claims(driver: Any, viewer: Account | None, *sales: str) -> list[Any]:
    """The viewer's claim on each sale."""
    asked = {"r": [{"__typename": "FlashSale", "id": sale} for sale in sales]}
    data = await driver.stock.data(SALES, asked, viewer)
    return [entity["myClaim"] for entity in data["_entities"]]


async def states(driver: Any, viewer: Account, *sales: str) -> list[str | None]:
    return [claim and claim["state"] for claim in await my_claims(driver, viewer, *sales)]


async def test_it_is_the_viewers_own(driver: Any, viewers: Any) -> None:
    sale, other = await driver.sale(2), await driver.sale(2)
    viewer = await viewers.user()
    claim = await driver.claimed(viewer, sale)
    mine = {"id": claim, "state": "HELD", "sale": {"id": sale, "remaining": 1, "myClaim": {"id": claim}}}
    assert await my_claims(driver, viewer, other, sale, sale) == [None, mine, mine]
    for stranger in (await viewers.user(), await viewers.admin(), None):
        assert await my_claims(driver, stranger, sale) == [None]


async def test_a_claim_that_has_ended_is_none_and_the_next_one_is(driver: Any, viewers: Any) -> None:
    sale, viewer = await driver.sale(1), await viewers.user()
    released = await driver.claimed(viewer, sale)
    await driver.stock.data(RELEASE, {"id": released}, viewer)
    assert await states(driver, viewer, sale) == [None]
    lapsed = await driver.claimed(viewer, sale)
    await driver.lapse(lapsed)
    assert await states(driver, viewer, sale) == [None]
    claim = await driver.claimed(viewer, sale)
    assert [one["id"] for one in await my_claims(driver, viewer, sale)] == [claim]


async def test_it_follows_the_payment(driver: Any, viewers: Any) -> None:
    product, viewer = await driver.games.new(), await viewers.user()
    sale = await driver.sale(2, product=product)
    line = HoldLine(product_id=product, claim_id=await driver.claimed(viewer, sale))
    payment = await driver.held(viewer, line)
    assert await states(driver, viewer, sale) == ["HELD"]
    await driver.deliver(paid(payment, viewer, line))
    assert await states(driver, viewer, sale) == ["SOLD"]
    await driver.deliver(refunded(payment, viewer, line))
    assert await states(driver, viewer, sale) == [None]


async def test_a_page_takes_as_many_statements_as_one_sale(driver: Any, viewers: Any, statements: Any) -> None:
    viewer, sales = await viewers.user(), [await driver.sale(1) for _ in range(5)]
    for sale in sales[:3]:
        await driver.claimed(viewer, sale)
    counts = []
    for page in (sales[:1], sales):
        async with statements("stock") as counted:
            found = await my_claims(driver, viewer, *page)
        assert [claim is not None for claim in found] == [sale in sales[:3] for sale in page]
        counts.append(counted.count)
    assert counts == [2, 2], "the sales, and the viewer's claims on them"
