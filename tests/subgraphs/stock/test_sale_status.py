"""`saleStatus`: how a flash sale stands, for pages that ask again and again."""

import asyncio
from typing import Any

import pytest

from subgraphs.contracts.stock import SALE_NUMBERS, SaleNumbers, SaleNumbersRequest
from subgraphs.kit.database.columns import new_id
from tests.clients import eventually
from tests.own_store import OwnStore
from tests.subgraphs.stock.conftest import RELEASE

STATUS = """query($sale: ID!, $version: String) { saleStatus(id: $sale, version: $version) {
  version unchanged state remaining units pollAfter } }"""
CANCEL = "mutation($id: ID!) { cancelFlashSale(id: $id) { state } }"


async def status_of(driver: Any, sale: str, version: str | None = None) -> Any:
    return (await driver.stock.data(STATUS, {"sale": sale, "version": version}))["saleStatus"]


async def status_is(driver: Any, sale: str, state: str, remaining: int) -> Any:
    """Waits until a sale stands so."""

    async def stands() -> Any:
        status = await status_of(driver, sale)
        return status if (status["state"], status["remaining"]) == (state, remaining) else None

    return await eventually(stands)


async def test_it_counts_down_to_sold_out_and_up_again(driver: Any, viewers: Any) -> None:
    sale, user = await driver.sale(2), await viewers.user()
    first = await status_of(driver, sale)
    assert first == {
        "version": "OPEN-2",
        "unchanged": False,
        "state": "OPEN",
        "remaining": 2,
        "units": 2,
        "pollAfter": 2,
    }
    claim = await driver.claimed(user, sale)
    await driver.claimed(await viewers.user(), sale)
    sold_out = await status_is(driver, sale, "SOLD_OUT", 0)
    assert sold_out["pollAfter"] == 2
    await driver.stock.data(RELEASE, {"id": claim}, user)
    await status_is(driver, sale, "OPEN", 1)


async def test_the_current_version_is_unchanged_and_another_is_not(driver: Any, viewers: Any) -> None:
    sale = await driver.sale(2)
    version = (await status_of(driver, sale))["version"]
    assert (await status_of(driver, sale, version))["unchanged"]
    await driver.claimed(await viewers.user(), sale)
    await status_is(driver, sale, "OPEN", 1)
    assert not (await status_of(driver, sale, version))["unchanged"]


async def test_it_costs_no_statement(driver: Any, viewers: Any, statements: Any) -> None:
    sale = await driver.sale(2)
    await driver.claimed(await viewers.user(), sale)
    await driver.cache_agrees(sale, 1)
    async with statements("stock") as counted:
        answers = [await status_of(driver, sale) for _ in range(50)]
    assert counted.count == 0
    assert answers[-1]["remaining"] == 1


async def test_a_sale_that_starts_tomorrow_costs_statements_once(driver: Any, statements: Any) -> None:
    sale = await driver.sale(2, starts=86_000, ends=90_000)
    assert (await status_of(driver, sale))["pollAfter"] == 30
    await driver.cached_claims(sale)
    async with statements("stock") as counted:
        answers = [await status_of(driver, sale) for _ in range(50)]
    assert counted.count == 0
    assert (answers[-1]["state"], answers[-1]["remaining"]) == ("SCHEDULED", 2)


async def test_a_cancelled_sale_is_over(driver: Any) -> None:
    sale = await driver.sale(2)
    await driver.cached_claims(sale)
    await driver.stock.data(CANCEL, {"id": sale}, driver.games.developer)
    assert (await status_is(driver, sale, "CANCELLED", 2))["pollAfter"] is None


@pytest.mark.parametrize("sale", ["", new_id(), "x" * 5000, "}:meta"], ids=["empty", "new", "long", "of a key"])
async def test_an_unknown_sale_has_none(driver: Any, sale: str) -> None:
    assert await status_of(driver, sale) is None


async def test_without_redis_sql_tells_it(driver: Any, viewers: Any, running: OwnStore) -> None:
    redis, sale = running.servers["redis"], await driver.sale(2)
    redis.kill()
    try:
        await driver.claimed(await viewers.user(), sale)
        without = await status_is(driver, sale, "OPEN", 1)
        assert await status_of(driver, new_id()) is None
    finally:
        redis.restart()
    await asyncio.to_thread(running.store.wait_ready)
    await driver.cache_agrees(sale, 1)
    assert (await status_of(driver, sale, without["version"]))["unchanged"]


async def test_only_peers_ask_for_many(driver: Any) -> None:
    sale = await driver.sale(3)
    requests = [SaleNumbersRequest(sale_id=new_id()), SaleNumbersRequest(sale_id=sale)]
    unknown, known = await driver.stock.command(SALE_NUMBERS, requests)
    assert unknown == SaleNumbers(found=False)
    assert known == SaleNumbers(found=True, version="OPEN-3", state="OPEN", remaining=3, units=3)
    assert await driver.stock.code("{ saleNumbers(requests: []) }") == "FORBIDDEN"
