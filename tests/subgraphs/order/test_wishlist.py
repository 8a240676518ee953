"""Wishlists: adding and removing products, the limit, and pages."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy import insert

from subgraphs.kit.database.columns import new_id
from subgraphs.order.models import WishlistItem
from subgraphs.order.wishlist.domain import MAX_WISHES
from tests.clients import Games, SubgraphClient
from tests.subgraphs.order.shopper import Shopper, Shoppers, Sql

PAGE = """
query ($first: Int!, $after: String) {
  me { wishlist(first: $first, after: $after) {
    edges { node { product { id } } } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount
  } }
}
"""


async def test_a_wish_is_kept_once(shopper: Shopper, games: Games) -> None:
    product = await games.new()
    first = await shopper.wish(product)
    assert first["__typename"] == "WishlistItem"
    assert first["product"] == {"id": product}
    assert await shopper.wish(product) == first
    assert await shopper.wishes() == [product]


async def test_the_same_wish_twenty_times_at_once_is_one(shopper: Shopper, games: Games) -> None:
    product = await games.new()
    answers = await asyncio.gather(*(shopper.wish(product) for _ in range(20)))
    assert answers == [answers[0]] * 20
    assert answers[0]["__typename"] == "WishlistItem"
    assert await shopper.wishes() == [product]


async def test_an_unknown_product_cannot_be_wished_for(shopper: Shopper) -> None:
    assert await shopper.wish("no-such-product") == "NOT_FOUND"
    assert await shopper.wishes() == []


async def test_an_owned_product_cannot_be_wished_for(shopper: Shopper, games: Games) -> None:
    product = await games.new()
    await shopper.buy(product)
    answer = await shopper.wish(product)
    assert answer["__typename"] == "AlreadyOwned"
    assert answer["products"] == [{"id": product}]
    assert await shopper.wishes() == []


async def test_removing_tells_whether_the_product_was_there(shopper: Shopper, shoppers: Shoppers, games: Games) -> None:
    product = await games.new()
    other = await shoppers.new()
    await shopper.wish(product)
    assert await other.unwish(product) is False
    assert await shopper.unwish(product) is True
    assert await shopper.unwish(product) is False
    assert await shopper.wishes() == []


async def test_a_wishlist_has_at_most_500_products_even_when_added_at_once(
    shopper: Shopper, games: Games, sql: Sql
) -> None:
    await _fill(sql, shopper.id, MAX_WISHES - 1)
    products = [await games.new() for _ in range(4)]
    answers = await asyncio.gather(*(shopper.wish(product) for product in products))
    assert answers.count("LIMIT_EXCEEDED") == 3
    assert (await shopper.run(PAGE, first=1))["wishlist"]["totalCount"] == MAX_WISHES
    kept = next(p for p, answer in zip(products, answers, strict=True) if answer != "LIMIT_EXCEEDED")
    assert (await shopper.wish(kept))["product"] == {"id": kept}


async def test_pages_cover_the_wishlist_newest_first(shopper: Shopper, games: Games) -> None:
    products = [await games.new() for _ in range(5)]
    for product in products:
        await shopper.wish(product)
    seen, after = [], None
    for size, more in ((2, True), (2, True), (1, False)):
        page = (await shopper.run(PAGE, first=2, after=after))["wishlist"]
        assert page["totalCount"] == 5
        assert len(page["edges"]) == size
        assert page["pageInfo"]["hasNextPage"] is more
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen += [edge["node"]["product"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == products[::-1]


async def test_pages_have_1_to_100_items_and_real_cursors(shopper: Shopper) -> None:
    assert await shopper.run(PAGE, first=0) == "BAD_USER_INPUT"
    assert await shopper.run(PAGE, first=101) == "BAD_USER_INPUT"
    assert await shopper.run(PAGE, first=1, after="?") == "BAD_USER_INPUT"


async def test_a_wishlist_needs_a_token(order: SubgraphClient) -> None:
    wishing = 'mutation { addToWishlist(productId: "1") { __typename } }'
    for query in (wishing, 'mutation { removeFromWishlist(productId: "1") }', "{ me { id } }"):
        answer = await order.run(query)
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def _fill(sql: Sql, user_id: str, count: int) -> None:
    wish = {"user_id": user_id, "added_at": datetime.now(UTC)}
    rows = [{"id": new_id(), "product_id": f"filler-{number}", **wish} for number in range(count)]
    async with sql("order").transaction() as session:
        await session.execute(insert(WishlistItem), rows)
