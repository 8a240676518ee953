"""Fields on entities of other subgraphs, and who may see what."""

from typing import Any

import pytest

from tests.subgraphs.stock.conftest import RELEASE

PRODUCTS = """query($r: [_Any!]!) { _entities(representations: $r) {
  ... on Product { id state stock { total remaining held sold } flashSale { id } } } }"""
CLAIMS = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Claim { id state sale { points } } } }"
MINE = "query($first: Int!, $after: String) { me { id claims(first: $first, after: $after) { totalCount edges { node { id state } } pageInfo { endCursor hasNextPage } } } }"
USER = "query($r: [_Any!]!) { _entities(representations: $r) { ... on User { claims { totalCount } } } }"


def product(product_id: str, percent: int) -> dict[str, Any]:
    """As the router sends it for `state`, with a field that nobody asked for."""
    price = {"__typename": "Price", "discountPercent": percent}
    return {"__typename": "Product", "id": product_id, "price": price, "title": "unexpected"}


@pytest.mark.parametrize(
    ("percent", "limited", "state"),
    [
        (0, False, "REGULAR"),
        (20, False, "ON_SALE"),
        (0, True, "LIMITED_STOCK"),
        (20, True, "ON_SALE_LIMITED_STOCK"),
    ],
)
async def test_the_state_of_a_product(driver: Any, percent: int, limited: bool, state: str) -> None:
    product_id = await (driver.limited(4) if limited else driver.games.new())
    found = await driver.stock.data(PRODUCTS, {"r": [product(product_id, percent)]})
    units = {"total": 4, "remaining": 4, "held": 0, "sold": 0} if limited else None
    assert found["_entities"] == [{"id": product_id, "state": state, "stock": units, "flashSale": None}]


@pytest.mark.parametrize("price", [None, "cheap", {}, {"discountPercent": None}])
async def test_a_state_without_a_discount_is_bad_input(driver: Any, price: Any) -> None:
    asked = {"__typename": "Product", "id": "1", "price": price}
    assert await driver.stock.code(PRODUCTS, {"r": [asked]}) == "BAD_USER_INPUT"


async def test_a_price_that_the_router_has_not_sent_is_bad_input(driver: Any) -> None:
    asked = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Product { price { discountPercent } } } }"
    assert await driver.stock.code(asked, {"r": [{"__typename": "Product", "id": "1"}]}) == "BAD_USER_INPUT"


async def test_many_products_cost_as_many_statements_as_one(driver: Any, statements: Any) -> None:
    counts = []
    for number in (1, 40):
        async with statements("stock") as counted:
            await driver.stock.data(PRODUCTS, {"r": [product(str(10 + index), 0) for index in range(number)]})
        counts.append(counted.count)
    assert counts == [2, 2]


async def test_a_claim_is_seen_by_its_owner_and_admins_only(driver: Any, viewers: Any) -> None:
    owner = await viewers.user()
    claim = await driver.claimed(owner, await driver.sale(1))
    asked = {"r": [{"__typename": "Claim", "id": claim}]}
    seen = {"_entities": [{"id": claim, "state": "HELD", "sale": {"points": 500}}]}
    assert await driver.stock.data(CLAIMS, asked, owner) == seen
    assert await driver.stock.data(CLAIMS, asked, await viewers.admin()) == seen
    assert await driver.stock.code(CLAIMS, asked) == "UNAUTHENTICATED"
    for other in (await viewers.user(), await viewers.developer()):
        assert await driver.stock.data(CLAIMS, asked, other) == {"_entities": [None]}


async def test_my_claims_are_paged_newest_first(driver: Any, viewers: Any) -> None:
    viewer = await viewers.user()
    claims = [await driver.claimed(viewer, await driver.sale(1)) for _ in range(3)]
    await driver.stock.data(RELEASE, {"id": claims[2]}, viewer)
    first = (await driver.stock.data(MINE, {"first": 2}, viewer))["me"]["claims"]
    assert [edge["node"] for edge in first["edges"]] == [
        {"id": claims[2], "state": "RELEASED"},
        {"id": claims[1], "state": "HELD"},
    ]
    assert first["totalCount"] == 3
    after = first["pageInfo"]["endCursor"]
    second = (await driver.stock.data(MINE, {"first": 2, "after": after}, viewer))["me"]["claims"]
    assert [edge["node"]["id"] for edge in second["edges"]] == [claims[0]]


async def test_the_claims_of_others_are_forbidden(driver: Any, viewers: Any) -> None:
    owner = await viewers.user()
    asked = {"r": [{"__typename": "User", "id": owner.id}]}
    assert await driver.stock.code(USER, asked, await viewers.user()) == "FORBIDDEN"
    assert await driver.stock.code(USER, asked) == "UNAUTHENTICATED"
    assert await driver.stock.data(USER, asked, await viewers.admin()) == {"_entities": [{"claims": {"totalCount": 0}}]}


async def test_me_costs_no_statement(driver: Any, viewers: Any, statements: Any) -> None:
    viewer = await viewers.user()
    async with statements("stock") as counted:
        assert await driver.stock.data("{ me { id } }", None, viewer) == {"me": {"id": viewer.id}}
    assert counted.count == 0
    assert await driver.stock.code("{ me { id } }") == "UNAUTHENTICATED"
