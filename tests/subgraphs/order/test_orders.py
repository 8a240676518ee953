"""Placed orders: how their user changes them, and who sees them."""

import asyncio

from sqlalchemy import update

from subgraphs.contracts.order import ATTACH_ORDERS, AttachRequest
from subgraphs.kit.database.columns import new_id
from subgraphs.order.models import OrderLine
from subgraphs.product.models import Product
from tests.clients import Account, Games, SubgraphClient
from tests.subgraphs.order.shopper import Counting, Shopper, Shoppers, Sql

ENTITIES = """
query ($r: [_Any!]!) {
  _entities(representations: $r) { __typename ... on Order { id totalPoints lines { product { id } } } }
}
"""
LIST_OF = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { id %s { totalCount } } } }"
ORDERS = """
query ($first: Int! = 20, $after: String) {
  me { orders(first: $first, after: $after) {
    edges { node { id state totalPoints placedAt lines { product { id } points } } }
    pageInfo { hasNextPage endCursor }
  } }
}
"""


async def test_a_line_is_removed_and_the_total_follows(shopper: Shopper, games: Games) -> None:
    one, two = await games.new(usd="1.00"), await games.new(usd="2.00")
    order_id = await shopper.ordered(one, two)
    changed = await shopper.remove_line(order_id, one)
    assert [line["product"]["id"] for line in changed["lines"]] == [two]
    assert changed["totalPoints"] == 2600
    assert await shopper.order(order_id) == changed


async def test_a_line_keeps_what_its_product_was_called(shopper: Shopper, games: Games, sql: Sql) -> None:
    title = "スチームパンク 🎩 & Sons"
    product = await games.new(title=title)
    order_id = await shopper.ordered(product)
    bought, _ = await shopper.checkout(product)
    async with sql("product").transaction() as session:
        await session.execute(update(Product).where(Product.id == int(product)).values(title="Renamed"))

    for placed in (order_id, bought.order_id):
        (line,) = (await shopper.order(placed))["lines"]
        assert line["title"] == title
    (line,) = (await shopper.order(await shopper.ordered(product)))["lines"]
    assert line["title"] == "Renamed"


async def test_a_line_from_before_titles_were_kept_has_none(shopper: Shopper, games: Games, sql: Sql) -> None:
    order_id = await shopper.ordered(await games.new())
    async with sql("order").transaction() as session:
        await session.execute(update(OrderLine).where(OrderLine.order_id == order_id).values(title=None))
    (line,) = (await shopper.order(order_id))["lines"]
    assert line["title"] is None


async def test_only_a_product_of_the_order_can_be_removed(shopper: Shopper, games: Games) -> None:
    one, two, three = [await games.new() for _ in range(3)]
    order_id = await shopper.ordered(one, two)
    before = await shopper.order(order_id)
    assert await shopper.remove_line(order_id, three) == "NOT_FOUND"
    assert await shopper.remove_line(new_id(), one) == "NOT_FOUND"
    assert await shopper.order(order_id) == before


async def test_the_last_line_stays_even_when_all_are_removed_at_once(shopper: Shopper, games: Games) -> None:
    products = [await games.new(usd="1.00") for _ in range(4)]
    order_id = await shopper.ordered(*products)
    answers = await asyncio.gather(*(shopper.remove_line(order_id, product) for product in products))
    assert answers.count("INVALID_STATE") == 1
    left = await shopper.order(order_id)
    assert len(left["lines"]) == 1
    assert left["totalPoints"] == left["lines"][0]["points"] == 1300


async def test_a_cancelled_order_stays_cancelled(shopper: Shopper, games: Games) -> None:
    one, two = await games.new(), await games.new()
    order_id = await shopper.ordered(one, two)
    cancelled = await shopper.cancel(order_id)
    assert cancelled["state"] == "CANCELLED"
    assert await shopper.cancel(order_id) == cancelled
    assert await shopper.remove_line(order_id, one) == "INVALID_STATE"
    assert await shopper.order(order_id) == cancelled


async def test_an_order_that_is_being_paid_does_not_change(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    one, two = await games.new(), await games.new()
    order_id = await shopper.ordered(one, two)
    attached = await order.command(ATTACH_ORDERS, [AttachRequest(order_id, new_id(), shopper.id)])
    assert attached[0].kind == "ready"
    before = await shopper.order(order_id)
    assert before["state"] == "ORDERED"
    assert await shopper.cancel(order_id) == "INVALID_STATE"
    assert await shopper.remove_line(order_id, one) == "INVALID_STATE"
    assert await shopper.order(order_id) == before


async def test_a_bought_order_cannot_be_cancelled(shopper: Shopper, games: Games) -> None:
    order_id = await shopper.buy(await games.new())
    assert await shopper.cancel(order_id) == "INVALID_STATE"
    assert await shopper.state(order_id) == "PAID"


async def test_another_users_order_cannot_be_seen_or_changed(
    shopper: Shopper, shoppers: Shoppers, games: Games, order: SubgraphClient
) -> None:
    product = await games.new()
    order_id = await shopper.ordered(product, await games.new())
    stranger, admin = await shoppers.new(), await shoppers.admin()
    assert await stranger.order(order_id) is None
    assert await stranger.cancel(order_id) == "NOT_FOUND"
    assert await stranger.remove_line(order_id, product) == "NOT_FOUND"
    assert await admin.order(order_id) == await shopper.order(order_id)
    assert await shopper.state(order_id) == "READY"
    anonymous = await order.run("query ($id: ID!) { order(id: $id) { id } }", {"id": order_id})
    assert anonymous["data"] == {"order": None}
    assert anonymous["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_another_users_order_is_null_as_an_entity(
    shopper: Shopper, shoppers: Shoppers, games: Games, order: SubgraphClient
) -> None:
    mine = await shopper.ordered(await games.new(usd="1.00"))
    stranger, admin = await shoppers.new(), await shoppers.admin()
    own = await stranger.ordered(await games.new(usd="2.00"))
    asked = [{"__typename": "Order", "id": order_id} for order_id in (mine, own, new_id())]

    async def totals(viewer: Account | None) -> list[int | None]:
        answer = await order.run(ENTITIES, {"r": asked}, viewer=viewer)
        return [found and found["totalPoints"] for found in answer["data"]["_entities"]]

    assert await totals(stranger.viewer) == [None, 2600, None]
    assert await totals(shopper.viewer) == [1300, None, None]
    assert await totals(admin.viewer) == [1300, 2600, None]
    anonymous = await order.run(ENTITIES, {"r": asked})
    assert not any(anonymous["data"]["_entities"])
    assert {error["extensions"]["code"] for error in anonymous["errors"]} == {"UNAUTHENTICATED"}


async def test_another_users_lists_are_forbidden(shopper: Shopper, shoppers: Shoppers, order: SubgraphClient) -> None:
    stranger, admin = await shoppers.new(), await shoppers.admin()
    asked = {"r": [{"__typename": "User", "id": shopper.id}]}
    for field in ("wishlist", "orders"):
        refused = await order.run(LIST_OF % field, asked, viewer=stranger.viewer)
        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        seen = await order.run(LIST_OF % field, asked, viewer=admin.viewer)
        assert seen["data"]["_entities"] == [{"id": shopper.id, field: {"totalCount": 0}}]


async def test_orders_come_newest_first_page_by_page(shopper: Shopper, games: Games) -> None:
    product = await games.new()
    await shopper.wish(product)
    placed = [(await shopper.place([product]))["id"] for _ in range(5)]
    first = (await shopper.run(ORDERS, first=3))["orders"]
    assert first["pageInfo"]["hasNextPage"] is True
    rest = (await shopper.run(ORDERS, first=3, after=first["pageInfo"]["endCursor"]))["orders"]
    assert rest["pageInfo"]["hasNextPage"] is False
    assert [edge["node"]["id"] for edge in first["edges"] + rest["edges"]] == placed[::-1]


async def test_a_page_costs_the_same_for_1_and_for_20_orders(
    shopper: Shopper, shoppers: Shoppers, games: Games, statements: Counting
) -> None:
    product = await games.new()
    other = await shoppers.new()
    for buyer, count in ((shopper, 1), (other, 20)):
        await buyer.wish(product)
        await asyncio.gather(*(buyer.place([product]) for _ in range(count)))
    costs = []
    for buyer, count in ((shopper, 1), (other, 20)):
        async with statements("order") as counted:
            assert len((await buyer.run(ORDERS))["orders"]["edges"]) == count
        costs.append(counted.count)
    assert costs == [2, 2]


async def test_entities_cost_the_same_for_1_and_for_20_orders(
    shopper: Shopper, games: Games, order: SubgraphClient, statements: Counting
) -> None:
    product = await games.new()
    await shopper.wish(product)
    placed = [(await shopper.place([product]))["id"] for _ in range(20)]
    costs = []
    for ids in (placed[:1], placed):
        asked = {"r": [{"__typename": "Order", "id": one} for one in ids]}
        async with statements("order") as counted:
            answer = await order.run(ENTITIES, asked, viewer=shopper.viewer)
        assert [found["id"] for found in answer["data"]["_entities"]] == ids
        costs.append(counted.count)
    assert costs == [2, 2]


async def test_me_needs_no_database(shopper: Shopper, statements: Counting) -> None:
    async with statements("order") as counted:
        assert await shopper.run("{ me { id } }") == {"id": shopper.id}
    assert counted.count == 0
