"""Payment's events, applied in any order with its commands."""

import pytest

from subgraphs.contracts.order import ATTACH_ORDERS, DETACH_ORDERS, PLACE_CHECKOUT_ORDERS, AttachRequest
from subgraphs.contracts.payment import PaymentCancelled
from subgraphs.kit.database.columns import new_id
from tests.clients import Games, SubgraphClient
from tests.subgraphs.order.shopper import Applied, Publish, Shopper, Shoppers


async def test_payment_makes_an_order_paid_and_removes_its_wishes(
    shopper: Shopper, shoppers: Shoppers, games: Games
) -> None:
    bought, wished = await games.new(), await games.new()
    other = await shoppers.new()
    for product in (bought, wished):
        await shopper.wish(product)
    await other.wish(bought)
    order_id = await shopper.buy(bought)
    assert await shopper.state(order_id) == "PAID"
    assert await shopper.wishes() == [wished]
    assert await other.wishes() == [bought]


async def test_a_paid_order_is_not_detached(shopper: Shopper, games: Games, order: SubgraphClient) -> None:
    request, placed = await shopper.checkout(game := await games.new())
    await shopper.announce_paid(request.order_id, request.payment_id, game)
    await shopper.buy(await games.new())  # later in the stream: everything before it has been applied
    for cancel in (False, True):
        await order.command(DETACH_ORDERS, [shopper.detach_request(request, cancel=cancel)])
    assert await shopper.state(request.order_id) == "PAID"
    assert await order.command(PLACE_CHECKOUT_ORDERS, [request]) == [placed]


async def test_the_event_of_another_payment_changes_nothing(
    shopper: Shopper, games: Games, publish: Publish, applied: Applied
) -> None:
    request, _ = await shopper.checkout(await games.new())
    await publish(PaymentCancelled(payment_id=new_id(), order_id=request.order_id, user_id=shopper.id))
    await shopper.announce_paid(request.order_id, new_id())
    await applied()
    assert await shopper.state(request.order_id) == "ORDERED"


async def test_an_order_can_be_paid_after_a_payment_was_cancelled(
    shopper: Shopper, games: Games, order: SubgraphClient, publish: Publish, applied: Applied
) -> None:
    order_id = await shopper.ordered(await games.new())
    first = AttachRequest(order_id, new_id(), shopper.id)
    await order.command(ATTACH_ORDERS, [first])
    cancelled = PaymentCancelled(payment_id=first.payment_id, order_id=order_id, user_id=shopper.id)
    await publish(cancelled)
    await applied()
    assert await shopper.state(order_id) == "READY"
    second = AttachRequest(order_id, new_id(), shopper.id)
    late, attached = await order.command(ATTACH_ORDERS, [first, second])
    assert (late.kind, late.code) == ("refused", "INVALID_STATE")
    assert attached.kind == "ready"
    await publish(cancelled)  # delivered again, late
    await applied()
    assert await shopper.state(order_id) == "ORDERED"


@pytest.mark.parametrize("event_first", [True, False])
async def test_a_checkout_given_up_is_cancelled_whether_event_or_command_comes_first(
    shopper: Shopper,
    games: Games,
    order: SubgraphClient,
    publish: Publish,
    applied: Applied,
    event_first: bool,
) -> None:
    request, _ = await shopper.checkout(await games.new())
    if event_first:
        await publish(PaymentCancelled(payment_id=request.payment_id, order_id=request.order_id, user_id=shopper.id))
        await applied()
    await order.command(DETACH_ORDERS, [shopper.detach_request(request, cancel=True)])
    if not event_first:
        await publish(PaymentCancelled(payment_id=request.payment_id, order_id=request.order_id, user_id=shopper.id))
        await applied()
    assert await shopper.state(request.order_id) == "CANCELLED"
