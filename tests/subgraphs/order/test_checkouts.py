"""Orders of checkouts: placed without a wish, and attached to their payments from the start."""

import asyncio

from subgraphs.contracts.order import (
    ATTACH_ORDERS,
    DETACH_ORDERS,
    PLACE_CHECKOUT_ORDERS,
    AttachRequest,
    DetachRequest,
    OrderLine,
    PlaceRequest,
)
from subgraphs.kit.database.columns import new_id
from tests.clients import Games, SubgraphClient, Viewers
from tests.subgraphs.order.shopper import Sales, Shopper


async def test_a_checkouts_order_needs_no_wish_and_is_attached_to_its_payment(shopper: Shopper, games: Games) -> None:
    product = await games.new(usd="10.00", discount=10)
    request, outcome = await shopper.checkout(product, expected_total=11700)
    assert (outcome.kind, outcome.total) == ("ready", 11700)
    assert outcome.lines == [OrderLine(product, 11700, 10, title="A Game")]
    assert await shopper.state(request.order_id) == "ORDERED"


async def test_placing_again_gives_the_same_prices(
    shopper: Shopper, games: Games, order: SubgraphClient, product: SubgraphClient, viewers: Viewers
) -> None:
    game = await games.new(usd="10.00")
    request, outcome = await shopper.checkout(game)
    cheaper = "mutation ($id: ID!) { setDiscount(productId: $id, percent: 50) { id } }"
    await product.run(cheaper, {"id": game}, viewer=await viewers.admin())
    assert await order.command(PLACE_CHECKOUT_ORDERS, [request]) == [outcome]


async def test_placing_twenty_times_at_once_is_one_order(shopper: Shopper, games: Games, order: SubgraphClient) -> None:
    game = await games.new()
    request = PlaceRequest(new_id(), new_id(), shopper.id, [game])
    answers = await asyncio.gather(*(order.command(PLACE_CHECKOUT_ORDERS, [request]) for _ in range(20)))
    assert answers == [answers[0]] * 20
    assert answers[0][0].kind == "ready"
    assert len((await shopper.order(request.order_id))["lines"]) == 1


async def test_a_changed_price_places_nothing(shopper: Shopper, games: Games) -> None:
    request, outcome = await shopper.checkout(await games.new(usd="10.00"), expected_total=12999)
    assert (outcome.kind, outcome.total) == ("price_changed", 13000)
    assert await shopper.order(request.order_id) is None


async def test_an_invalid_cart_is_refused(shopper: Shopper, games: Games) -> None:
    game = await games.new()
    for products, fields, code in (
        ([game, "no-such-product"], {}, "NOT_FOUND"),
        ([], {}, "BAD_USER_INPUT"),
        ([game, game], {}, "BAD_USER_INPUT"),
        ([str(number) for number in range(51)], {}, "LIMIT_EXCEEDED"),
        ([game], {"claim_ids": ["no-such-claim"]}, "NOT_FOUND"),
    ):
        request, outcome = await shopper.checkout(*products, **fields)
        assert (outcome.kind, outcome.code) == ("refused", code)
        assert outcome.message
        assert await shopper.order(request.order_id) is None


async def test_an_owned_product_is_not_ordered_again(shopper: Shopper, games: Games) -> None:
    game, other = await games.new(), await games.new()
    await shopper.buy(game)
    request, outcome = await shopper.checkout(other, game)
    assert (outcome.kind, outcome.product_ids) == ("already_owned", [game])
    assert await shopper.order(request.order_id) is None


async def test_a_claimed_product_has_its_claims_price(shopper: Shopper, games: Games, sales: Sales) -> None:
    game = await games.new(usd="10.00")
    claim = await sales.claim(shopper, game, points=700)
    _, outcome = await shopper.checkout(game, claim_ids=[claim], expected_total=700)
    assert outcome.lines == [OrderLine(game, 700, 0, claim, "A Game")]


async def test_an_order_given_up_before_it_is_placed_is_never_placed(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    request = PlaceRequest(new_id(), new_id(), shopper.id, [await games.new()])
    detach = DetachRequest(request.order_id, request.payment_id, shopper.id, cancel=True)
    await order.command(DETACH_ORDERS, [detach])
    (outcome,) = await order.command(PLACE_CHECKOUT_ORDERS, [request])
    assert (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")
    await order.command(DETACH_ORDERS, [detach])
    assert await shopper.order(request.order_id) is None
    assert await shopper.cancel(request.order_id) == "NOT_FOUND"
    (attached,) = await order.command(ATTACH_ORDERS, [AttachRequest(request.order_id, new_id(), shopper.id)])
    assert (attached.kind, attached.code) == ("refused", "NOT_FOUND")
    orders = await shopper.run("{ me { orders { totalCount edges { node { id } } } } }")
    assert orders == {"orders": {"totalCount": 0, "edges": []}}


async def test_placing_and_giving_up_at_once_leaves_no_live_order(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    game = await games.new()
    requests = [PlaceRequest(new_id(), new_id(), shopper.id, [game]) for _ in range(20)]
    detaches = [DetachRequest(r.order_id, r.payment_id, shopper.id, cancel=True) for r in requests]
    pairs = [
        (order.command(PLACE_CHECKOUT_ORDERS, [request]), order.command(DETACH_ORDERS, [detach]))
        for request, detach in zip(requests, detaches, strict=True)
    ]
    await asyncio.gather(*(command for pair in pairs for command in pair))
    ended = [await shopper.order(request.order_id) for request in requests]
    assert {placed["state"] for placed in ended if placed} <= {"CANCELLED"}
    for outcome in await order.command(PLACE_CHECKOUT_ORDERS, requests):
        assert (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")


async def test_a_cancelled_checkouts_order_is_not_placed_again(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    request, _ = await shopper.checkout(await games.new())
    await order.command(DETACH_ORDERS, [shopper.detach_request(request, cancel=True)])
    assert await shopper.state(request.order_id) == "CANCELLED"
    (again,) = await order.command(PLACE_CHECKOUT_ORDERS, [request])
    assert (again.kind, again.code) == ("refused", "INVALID_STATE")
