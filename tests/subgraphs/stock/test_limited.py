"""Products of limited quantity: who may limit them, and what becomes of the units."""

from typing import Any

import pytest

from subgraphs.contracts.stock import HoldLine

LIMIT = "mutation($id: ID!, $units: Int!) { limitStock(productId: $id, units: $units) { id stock { total remaining held sold } } }"


async def limit(driver: Any, product: str, units: int, viewer: Any = None) -> Any:
    made = await driver.stock.data(LIMIT, {"id": product, "units": units}, viewer or driver.games.developer)
    return made["limitStock"]["stock"]


async def test_developers_limit_their_products(driver: Any) -> None:
    product = await driver.games.new()
    assert await limit(driver, product, 5) == {"total": 5, "remaining": 5, "held": 0, "sold": 0}


async def test_admins_limit_any_product(driver: Any, viewers: Any) -> None:
    product = await driver.games.new()
    assert (await limit(driver, product, 3, await viewers.admin()))["total"] == 3


async def test_a_changed_limit_includes_what_is_held(driver: Any, viewers: Any) -> None:
    product = await driver.limited(2)
    await driver.held(await viewers.user(), HoldLine(product_id=product))
    assert await limit(driver, product, 10) == {"total": 10, "remaining": 9, "held": 1, "sold": 0}
    assert await limit(driver, product, 1) == {"total": 1, "remaining": 0, "held": 1, "sold": 0}
    assert await driver.stock.code(LIMIT, {"id": product, "units": 0}, driver.games.developer) == "INVALID_STATE"


@pytest.mark.parametrize("units", [-1, 1_000_001])
async def test_units_out_of_range_are_refused(driver: Any, units: int) -> None:
    product = await driver.games.new()
    code = await driver.stock.code(LIMIT, {"id": product, "units": units}, driver.games.developer)
    assert code == "BAD_USER_INPUT"


async def test_only_those_who_manage_the_product_may_limit_it(driver: Any, viewers: Any) -> None:
    product = await driver.games.new()
    variables = {"id": product, "units": 1}
    assert await driver.stock.code(LIMIT, variables) == "UNAUTHENTICATED"
    assert await driver.stock.code(LIMIT, variables, await viewers.user()) == "FORBIDDEN"
    assert await driver.stock.code(LIMIT, variables, await viewers.developer()) == "FORBIDDEN"


async def test_an_unknown_product_is_not_found(driver: Any, viewers: Any) -> None:
    for product in ("999999999999", "nonsense"):
        code = await driver.stock.code(LIMIT, {"id": product, "units": 1}, await viewers.admin())
        assert code == "NOT_FOUND"
