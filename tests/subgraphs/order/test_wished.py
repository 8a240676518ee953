"""`Product.wished`: what is on the viewer's wishlist, at the cost of one statement or two for a page."""

from typing import Any

from subgraphs.kit.database.columns import new_id
from tests.clients import Account, Games, SubgraphClient, Viewers
from tests.subgraphs.order.shopper import Counting, Shopper, Shoppers

WISHED = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Product { wished } } }"


async def wished(order: SubgraphClient, viewer: Account | None, *product_ids: str) -> list[Any]:
    asked = {"r": [{"__typename": "Product", "id": product_id} for product_id in product_ids]}
    data = await order.data(WISHED, asked, viewer)
    return [entity["wished"] for entity in data["_entities"]]


async def test_wished_is_about_the_viewer(
    order: SubgraphClient, shopper: Shopper, shoppers: Shoppers, viewers: Viewers, games: Games
) -> None:
    game, other = await games.new(), await games.new()
    await shopper.wish(game)
    assert await wished(order, shopper.viewer, other, game, game) == [False, True, True]
    for stranger in ((await shoppers.new()).viewer, await viewers.admin()):
        assert await wished(order, stranger, game) == [False]
    assert await wished(order, None, game, other) == [None, None]


async def test_it_is_right_after_every_change(order: SubgraphClient, shopper: Shopper, games: Games) -> None:
    game = await games.new()
    for _ in range(2):
        await shopper.wish(game)
        assert await wished(order, shopper.viewer, game) == [True]
        await shopper.unwish(game)
        assert await wished(order, shopper.viewer, game) == [False]
    await shopper.wish(game)
    await shopper.buy(game)
    assert await wished(order, shopper.viewer, game) == [False]


async def test_a_wish_of_the_same_answer_is_wished(shopper: Shopper, games: Games) -> None:
    game = await games.new()
    wish = "mutation ($id: ID!) { addToWishlist(productId: $id) { ... on WishlistItem { product { id wished } } } }"
    assert await shopper.run(wish, id=game) == {"product": {"id": game, "wished": True}}


async def test_a_page_takes_two_statements_at_most(
    order: SubgraphClient, shopper: Shopper, games: Games, statements: Counting
) -> None:
    wishes = [await games.new() for _ in range(3)]
    for game in wishes:
        await shopper.wish(game)
    unknown = [new_id() for _ in range(50)]
    counts = []
    for page in (unknown, wishes[:1], [*unknown, *wishes]):
        async with statements("order") as counted:
            found = await wished(order, shopper.viewer, *page)
        assert found == [product_id in wishes for product_id in page]
        counts.append(counted.count)
    assert counts == [1, 2, 2], "what is wished is looked at again, in case it was paid just now"
