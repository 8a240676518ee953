"""Placing orders: from the wishlist, at today's prices, once for each idempotency key."""

import asyncio

import pytest

from tests.clients import Games, SubgraphClient, Viewers
from tests.subgraphs.order.shopper import Sales, Shopper, Shoppers

DISCOUNT = "mutation ($id: ID!, $percent: Int!) { setDiscount(productId: $id, percent: $percent) { id } }"


async def test_an_order_keeps_its_prices(
    shopper: Shopper, games: Games, product: SubgraphClient, viewers: Viewers
) -> None:
    cheap, dear = await games.new(usd="1.99", discount=25), await games.new(usd="20.00")
    order_id = await shopper.ordered(dear, cheap)
    placed = await shopper.order(order_id)
    assert placed["state"] == "READY"
    assert placed["lines"] == [
        {"product": {"id": dear}, "title": "A Game", "points": 26000, "discountPercent": 0, "claim": None},
        {"product": {"id": cheap}, "title": "A Game", "points": 1940, "discountPercent": 25, "claim": None},
    ]
    assert placed["totalPoints"] == 27940
    await product.run(DISCOUNT, {"id": dear, "percent": 90}, viewer=await viewers.admin())
    assert await shopper.order(order_id) == placed
    again = await shopper.place([dear])
    assert again["totalPoints"] == 2600


async def test_wishes_stay_until_they_are_paid(shopper: Shopper, games: Games) -> None:
    product = await games.new()
    order_id = await shopper.ordered(product)
    assert await shopper.wishes() == [product]
    await shopper.cancel(order_id)
    assert await shopper.wishes() == [product]


async def test_only_wishes_can_be_ordered(shopper: Shopper, shoppers: Shoppers, games: Games) -> None:
    wished, not_wished, anothers = [await games.new() for _ in range(3)]
    await shopper.wish(wished)
    await (await shoppers.new()).wish(anothers)
    answer = await shopper.place([not_wished, wished, anothers])
    assert answer["__typename"] == "NotOnWishlist"
    assert answer["products"] == [{"id": not_wished}, {"id": anothers}]
    assert await _count(shopper) == 0


async def test_an_owned_product_cannot_be_ordered(shopper: Shopper, games: Games) -> None:
    owned, other = await games.new(), await games.new()
    await shopper.wish(other)
    await shopper.buy(owned)
    answer = await shopper.place([other, owned])
    assert answer["__typename"] == "AlreadyOwned"
    assert answer["products"] == [{"id": owned}]
    assert await _count(shopper) == 1  # the one that was bought


async def test_an_order_has_1_to_50_different_known_products(shopper: Shopper, games: Games) -> None:
    product = await games.new()
    await shopper.wish(product)
    assert await shopper.place([]) == "BAD_USER_INPUT"
    assert await shopper.place([product, product]) == "BAD_USER_INPUT"
    assert await shopper.place([product, "no-such-product"]) == "NOT_FOUND"
    assert await shopper.place([str(number) for number in range(51)]) == "LIMIT_EXCEEDED"
    assert await _count(shopper) == 0


async def test_fifty_products_are_one_order(shopper: Shopper, games: Games) -> None:
    products = list(await asyncio.gather(*(games.new(usd="1.00") for _ in range(50))))
    placed = await shopper.order(await shopper.ordered(*products))
    assert [line["product"]["id"] for line in placed["lines"]] == products
    assert placed["totalPoints"] == 65000


@pytest.mark.parametrize("key", ["", "x" * 101, "a\nb"])
async def test_a_key_has_1_to_100_printable_characters(shopper: Shopper, games: Games, key: str) -> None:
    product = await games.new()
    await shopper.wish(product)
    assert await shopper.place([product], key=key) == "BAD_USER_INPUT"
    assert (await shopper.place([product], key="x" * 100))["__typename"] == "Order"


async def test_the_same_request_gives_the_same_order(shopper: Shopper, games: Games) -> None:
    product = await games.new()
    await shopper.wish(product)
    first = await shopper.place([product], key="k")
    await shopper.unwish(product)  # later changes make no difference
    assert await shopper.place([product], key="k") == first
    assert await _count(shopper) == 1


async def test_a_key_belongs_to_one_request_of_one_user(shopper: Shopper, shoppers: Shoppers, games: Games) -> None:
    one, two = await games.new(), await games.new()
    other = await shoppers.new()
    await asyncio.gather(shopper.wish(one), shopper.wish(two), other.wish(one))
    first = await shopper.place([one], key="k")
    assert await shopper.place([one, two], key="k") == "IDEMPOTENCY_CONFLICT"
    anothers = await other.place([one], key="k")
    assert anothers["__typename"] == "Order"
    assert anothers["id"] != first["id"]
    assert await _count(shopper) == 1


async def test_twenty_identical_requests_at_once_are_one_order(shopper: Shopper, games: Games) -> None:
    products = [await games.new(), await games.new()]
    await asyncio.gather(*(shopper.wish(product) for product in products))
    answers = await asyncio.gather(*(shopper.place(products, key="k") for _ in range(20)))
    assert answers == [answers[0]] * 20
    assert answers[0]["__typename"] == "Order"
    assert len(answers[0]["lines"]) == 2
    assert await _count(shopper) == 1


async def test_only_one_of_several_requests_with_one_key_wins(shopper: Shopper, games: Games) -> None:
    products = [await games.new() for _ in range(8)]
    await asyncio.gather(*(shopper.wish(product) for product in products))
    answers = await asyncio.gather(*(shopper.place([product], key="k") for product in products))
    assert answers.count("IDEMPOTENCY_CONFLICT") == 7
    placed = next(answer for answer in answers if answer != "IDEMPOTENCY_CONFLICT")
    assert await shopper.order(placed["id"]) == {k: v for k, v in placed.items() if k != "__typename"}
    assert await _count(shopper) == 1


async def test_a_claim_needs_no_wish_and_has_the_sales_price(shopper: Shopper, games: Games, sales: Sales) -> None:
    claimed, wished = await games.new(usd="10.00", discount=10), await games.new(usd="1.00")
    await shopper.wish(wished)
    claim = await sales.claim(shopper, claimed, points=700)
    placed = await shopper.place([claimed, wished], claim_ids=[claim])
    assert placed["lines"] == [
        {"product": {"id": claimed}, "title": "A Game", "points": 700, "discountPercent": 0, "claim": {"id": claim}},
        {"product": {"id": wished}, "title": "A Game", "points": 1300, "discountPercent": 0, "claim": None},
    ]
    assert placed["totalPoints"] == 2000


async def test_only_a_users_own_live_claims_are_accepted(
    shopper: Shopper, shoppers: Shoppers, games: Games, sales: Sales
) -> None:
    product, other_product = await games.new(), await games.new()
    other = await shoppers.new()
    claim = await sales.claim(shopper, product, points=5)
    anothers = await sales.claim(other, product, points=5)
    assert await shopper.place([product], claim_ids=["no-such-claim"]) == "NOT_FOUND"
    assert await shopper.place([product], claim_ids=[anothers]) == "NOT_FOUND"
    assert await shopper.place([other_product], claim_ids=[claim]) == "BAD_USER_INPUT"
    assert await shopper.place([product], claim_ids=[claim, claim]) == "BAD_USER_INPUT"
    await sales.release(shopper, claim)
    assert await shopper.place([product], claim_ids=[claim]) == "INVALID_STATE"
    assert await _count(shopper) == 0


async def _count(shopper: Shopper) -> int:
    count: int = (await shopper.run("{ me { orders { totalCount } } }"))["orders"]["totalCount"]
    return count
