"""Flash sales: creating and cancelling them, their state, and lists of them."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from subgraphs.stock.models import FlashSale
from subgraphs.stock.sales.domain import MAX_INT
from tests.clients import bad_fields, eventually
from tests.subgraphs.stock.conftest import CREATE, now

SALE = "query($id: ID!) { flashSale(id: $id) { id state remaining units points product { id } startsAt endsAt } }"
CANCEL = "mutation($id: ID!) { cancelFlashSale(id: $id) { id state } }"
LIST = """query($state: FlashSaleState, $first: Int!, $after: String) {
  flashSales(state: $state, first: $first, after: $after) {
    edges { node { id state } } pageInfo { hasNextPage endCursor } totalCount } }"""


def plan(product: str, **changes: Any) -> dict[str, Any]:
    usual = {"points": 10, "units": 5, "startsAt": now(-5), "endsAt": now(600)}
    return {"input": {"productId": product, **usual, **changes}}


async def state(driver: Any, sale: str) -> str:
    found = await driver.stock.data(SALE, {"id": sale})
    return str(found["flashSale"]["state"])


async def test_a_sale_is_returned_as_planned(driver: Any) -> None:
    product = await driver.games.new()
    starts, ends = "2031-05-01T10:00:00+02:00", "2031-05-01T10:15:30.250000+02:00"
    made = await driver.stock.data(CREATE, plan(product, startsAt=starts, endsAt=ends), driver.games.developer)
    sale = made["createFlashSale"]["id"]
    assert (await driver.stock.data(SALE, {"id": sale}))["flashSale"] == {
        "id": sale,
        "state": "SCHEDULED",
        "remaining": 5,
        "units": 5,
        "points": 10,
        "product": {"id": product},
        "startsAt": "2031-05-01T08:00:00+00:00",
        "endsAt": "2031-05-01T08:15:30.250000+00:00",
    }


async def test_its_state_follows_from_the_time_and_the_units(driver: Any, viewers: Any) -> None:
    coming = await driver.sale(1, starts=100)
    running = await driver.sale(1)
    over = await driver.sale(1, ends=-1)
    assert [await state(driver, sale) for sale in (coming, running, over)] == ["SCHEDULED", "OPEN", "ENDED"]
    await driver.claimed(await viewers.user(), running)
    assert await state(driver, running) == "SOLD_OUT"


async def test_a_countdown_needs_no_clock_of_the_clients(driver: Any) -> None:
    async def countdown(sale: str) -> tuple[int, int]:
        found = await driver.stock.data("query($id: ID!) { flashSale(id: $id) { opensIn endsIn } }", {"id": sale})
        return found["flashSale"]["opensIn"], found["flashSale"]["endsIn"]

    opens, ends = await countdown(await driver.sale(1, starts=1000, ends=5000))
    assert 900 < opens <= 1000
    assert ends - opens == 4000
    opens, ends = await countdown(await driver.sale(1, ends=1000))
    assert opens == 0
    assert 900 < ends <= 1000
    assert await countdown(await driver.sale(1, ends=-1)) == (0, 0)
    far = plan(await driver.games.new(), endsAt="9999-12-31T23:59:59Z")
    made = await driver.stock.data(CREATE, far, driver.games.developer)
    assert await countdown(made["createFlashSale"]["id"]) == (0, MAX_INT)


async def test_the_servers_time_is_that_of_its_sales(driver: Any) -> None:
    sale = await driver.sale(1, starts=1000)
    query = "query($id: ID!) { serverTime flashSale(id: $id) { startsAt opensIn } }"
    found = await driver.stock.data(query, {"id": sale})
    at, starts = (datetime.fromisoformat(text) for text in (found["serverTime"], found["flashSale"]["startsAt"]))
    assert at.utcoffset() == timedelta(0)
    assert abs((starts - at).total_seconds() - found["flashSale"]["opensIn"]) < 60


async def test_a_scheduled_sale_opens_by_itself(driver: Any, viewers: Any) -> None:
    sale = await driver.sale(1, starts=1)
    viewer = await viewers.user()
    assert (await driver.claim(viewer, sale))["__typename"] == "SaleNotActive"

    async def is_open() -> bool:
        return await state(driver, sale) == "OPEN"

    await eventually(is_open)
    assert (await driver.claim(viewer, sale))["__typename"] == "Claim"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"points": -1}, "points"),
        ({"units": 0}, "units"),
        ({"units": 1_000_001}, "units"),
        ({"startsAt": now(36_000)}, "endsAt"),
        ({"startsAt": now(-60), "endsAt": now(-30)}, "endsAt"),
        ({"startsAt": "2030-01-01T00:00:00"}, "startsAt"),
    ],
)
async def test_bad_plans_are_refused(driver: Any, changes: dict[str, Any], field: str) -> None:
    answer = await driver.stock.run(CREATE, plan(await driver.games.new(), **changes), driver.games.developer)
    assert bad_fields(answer) == [field]


async def test_only_those_who_manage_the_product_may_put_it_on_sale(driver: Any, viewers: Any) -> None:
    product = await driver.games.new()
    assert await driver.stock.code(CREATE, plan(product)) == "UNAUTHENTICATED"
    assert await driver.stock.code(CREATE, plan(product), await viewers.user()) == "FORBIDDEN"
    assert await driver.stock.code(CREATE, plan(product), await viewers.developer()) == "FORBIDDEN"
    assert await driver.stock.code(CREATE, plan("999999999999"), await viewers.admin()) == "NOT_FOUND"
    await driver.stock.data(CREATE, plan(product), await viewers.admin())


async def test_sales_of_a_product_do_not_overlap(driver: Any) -> None:
    product = await driver.games.new()
    await driver.sale(1, product=product, starts=100, ends=200)
    for times in ((50, 101), (199, 300), (120, 130), (50, 300)):
        overlapping = plan(product, startsAt=now(times[0]), endsAt=now(times[1]))
        assert await driver.stock.code(CREATE, overlapping, driver.games.developer) == "INVALID_STATE"
    await driver.sale(1, product=product, starts=300, ends=400)


async def test_of_many_overlapping_sales_at_once_one_is_made(driver: Any) -> None:
    product = await driver.games.new()
    answers = await asyncio.gather(*[driver.stock.run(CREATE, plan(product), driver.games.developer) for _ in range(8)])
    codes = sorted(answer["errors"][0]["extensions"]["code"] if "errors" in answer else "" for answer in answers)
    assert codes == ["", *["INVALID_STATE"] * 7]


async def test_a_cancelled_sale_sells_no_more_and_makes_room(driver: Any, viewers: Any) -> None:
    product = await driver.games.new()
    sale = await driver.sale(2, product=product)
    viewer = await viewers.user()
    claim = await driver.claimed(viewer, sale)
    for _ in range(2):
        cancelled = await driver.stock.data(CANCEL, {"id": sale}, driver.games.developer)
        assert cancelled["cancelFlashSale"] == {"id": sale, "state": "CANCELLED"}
    assert (await driver.claim(await viewers.user(), sale))["__typename"] == "SaleNotActive"
    assert (await driver.claim(viewer, sale))["id"] == claim
    await driver.sale(1, product=product)


async def test_only_those_who_manage_the_product_may_cancel_a_sale_that_is_not_over(driver: Any, viewers: Any) -> None:
    sale, over = await driver.sale(1), await driver.sale(1, ends=-1)
    assert await driver.stock.code(CANCEL, {"id": sale}, await viewers.user()) == "FORBIDDEN"
    assert await driver.stock.code(CANCEL, {"id": sale}, await viewers.developer()) == "FORBIDDEN"
    assert await driver.stock.code(CANCEL, {"id": "nonsense"}, await viewers.admin()) == "NOT_FOUND"
    assert await driver.stock.code(CANCEL, {"id": over}, await viewers.admin()) == "INVALID_STATE"


async def test_lists_by_state_have_each_sale_once(driver: Any, viewers: Any) -> None:
    sales = {
        "SCHEDULED": await driver.sale(1, starts=100),
        "OPEN": await driver.sale(1),
        "SOLD_OUT": await driver.sale(1),
        "ENDED": await driver.sale(1, ends=-1),
        "CANCELLED": await driver.sale(1),
    }
    await driver.claimed(await viewers.user(), sales["SOLD_OUT"])
    await driver.stock.data(CANCEL, {"id": sales["CANCELLED"]}, driver.games.developer)
    for name in sales:
        page = (await driver.stock.data(LIST, {"state": name, "first": 100}))["flashSales"]
        nodes = [edge["node"] for edge in page["edges"]]
        assert {node["state"] for node in nodes} == {name}
        assert [sale for sale in sales.values() if sale in {node["id"] for node in nodes}] == [sales[name]]


async def test_a_list_is_paged_newest_first(driver: Any) -> None:
    made = [await driver.sale(1) for _ in range(3)]
    first = (await driver.stock.data(LIST, {"first": 2}))["flashSales"]
    assert [edge["node"]["id"] for edge in first["edges"]] == [made[2], made[1]]
    assert first["totalCount"] >= 3
    second = (await driver.stock.data(LIST, {"first": 1, "after": first["pageInfo"]["endCursor"]}))["flashSales"]
    assert [edge["node"]["id"] for edge in second["edges"]] == [made[0]]
    assert await driver.stock.code(LIST, {"first": 101}) == "BAD_USER_INPUT"


async def test_an_unknown_sale_is_null(driver: Any) -> None:
    assert await driver.stock.data(SALE, {"id": "nonsense"}) == {"flashSale": None}


async def test_a_product_has_its_current_sale_or_else_the_next(driver: Any) -> None:
    async def current_sale(product: str) -> str | None:
        query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Product { flashSale { id } } } }"
        found = await driver.stock.data(query, {"r": [{"__typename": "Product", "id": product}]})
        sale = found["_entities"][0]["flashSale"]
        return sale["id"] if sale else None

    product = await driver.games.new()
    assert await current_sale(product) is None
    later = await driver.sale(1, product=product, starts=500, ends=600)
    next_one = await driver.sale(1, product=product, starts=200, ends=300)
    assert await current_sale(product) == next_one
    running = await driver.sale(1, product=product, starts=-10, ends=100)
    assert await current_sale(product) == running
    for sale in (running, next_one):
        await driver.stock.data(CANCEL, {"id": sale}, driver.games.developer)
    assert await current_sale(product) == later
    await driver.write(update(FlashSale).where(FlashSale.id == later), ends_at=FlashSale.created_at)
    assert await current_sale(product) is None
