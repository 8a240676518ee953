"""Orders on their way through payment: the steps, the events, and what races them."""

import asyncio
from typing import Any

import pytest

from subgraphs.contracts.order import (
    ENTER_PAYMENTS,
    LEAVE_PAYMENTS,
    PLACE_CHECKOUT_ORDERS,
    EnterRequest,
    LeaveRequest,
    OrderLine,
    OrderOutcome,
    PlaceRequest,
)
from subgraphs.contracts.payment import PaymentCancelled
from subgraphs.contracts.step import Step
from subgraphs.kit.columns import new_id
from tests.clients import Games, SubgraphClient, Viewers
from tests.subgraphs.order.shopper import Applied, Counting, Publish, Sales, Shopper, Shoppers


async def test_a_checkouts_order_needs_no_wish_and_is_in_its_payment(shopper: Shopper, games: Games) -> None:
    product = await games.new(usd="10.00", discount=10)
    request, outcome = await shopper.checkout(product, expected_total=11700)
    assert (outcome.kind, outcome.total) == ("ready", 11700)
    assert outcome.lines == [OrderLine(product, 11700, 10)]
    assert await shopper.state(request.order_id) == "ORDERED"


async def test_placing_again_gives_the_same_prices(
    shopper: Shopper, games: Games, order: SubgraphClient, product: SubgraphClient, viewers: Viewers
) -> None:
    game = await games.new(usd="10.00")
    request, outcome = await shopper.checkout(game)
    cheaper = "mutation ($id: ID!) { setDiscount(productId: $id, percent: 50) { id } }"
    await product.run(cheaper, {"id": game}, viewer=await viewers.admin())
    assert await order.step(PLACE_CHECKOUT_ORDERS, [request]) == [outcome]


async def test_placing_twenty_times_at_once_is_one_order(shopper: Shopper, games: Games, order: SubgraphClient) -> None:
    game = await games.new()
    request = PlaceRequest(new_id(), new_id(), shopper.id, [game])
    answers = await asyncio.gather(*(order.step(PLACE_CHECKOUT_ORDERS, [request]) for _ in range(20)))
    assert answers == [answers[0]] * 20
    assert answers[0][0].kind == "ready"
    assert len((await shopper.order(request.order_id))["lines"]) == 1


async def test_a_changed_price_places_nothing(shopper: Shopper, games: Games) -> None:
    request, outcome = await shopper.checkout(await games.new(usd="10.00"), expected_total=12999)
    assert (outcome.kind, outcome.total) == ("price_changed", 13000)
    assert await shopper.order(request.order_id) is None


async def test_what_cannot_be_placed_is_refused(shopper: Shopper, games: Games, sales: Sales) -> None:
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


async def test_what_is_owned_is_not_placed_again(shopper: Shopper, games: Games) -> None:
    game, other = await games.new(), await games.new()
    await shopper.buy(game)
    request, outcome = await shopper.checkout(other, game)
    assert (outcome.kind, outcome.product_ids) == ("already_owned", [game])
    assert await shopper.order(request.order_id) is None


async def test_a_checkout_has_the_claims_price(shopper: Shopper, games: Games, sales: Sales) -> None:
    game = await games.new(usd="10.00")
    claim = await sales.claim(shopper, game, points=700)
    _, outcome = await shopper.checkout(game, claim_ids=[claim], expected_total=700)
    assert outcome.lines == [OrderLine(game, 700, 0, claim)]


async def test_an_order_given_up_before_it_came_never_comes(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    request = PlaceRequest(new_id(), new_id(), shopper.id, [await games.new()])
    leave = LeaveRequest(request.order_id, request.payment_id, shopper.id, cancel=True)
    await order.step(LEAVE_PAYMENTS, [leave])
    (outcome,) = await order.step(PLACE_CHECKOUT_ORDERS, [request])
    assert (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")
    await order.step(LEAVE_PAYMENTS, [leave])
    assert await shopper.order(request.order_id) is None
    assert await shopper.cancel(request.order_id) == "NOT_FOUND"
    (entered,) = await order.step(ENTER_PAYMENTS, [EnterRequest(request.order_id, new_id(), shopper.id)])
    assert (entered.kind, entered.code) == ("refused", "NOT_FOUND")
    orders = await shopper.run("{ me { orders { totalCount edges { node { id } } } } }")
    assert orders == {"orders": {"totalCount": 0, "edges": []}}


async def test_placing_and_giving_up_at_once_end_cancelled(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    game = await games.new()
    requests = [PlaceRequest(new_id(), new_id(), shopper.id, [game]) for _ in range(20)]
    leaves = [LeaveRequest(r.order_id, r.payment_id, shopper.id, cancel=True) for r in requests]
    pairs = [
        (order.step(PLACE_CHECKOUT_ORDERS, [request]), order.step(LEAVE_PAYMENTS, [leave]))
        for request, leave in zip(requests, leaves, strict=True)
    ]
    await asyncio.gather(*(step for pair in pairs for step in pair))
    ended = [await shopper.order(request.order_id) for request in requests]
    assert {placed["state"] for placed in ended if placed} <= {"CANCELLED"}
    for outcome in await order.step(PLACE_CHECKOUT_ORDERS, requests):
        assert (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")


async def test_a_cancelled_checkouts_order_does_not_come_back(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    request, _ = await shopper.checkout(await games.new())
    await order.step(LEAVE_PAYMENTS, [_leave(request, shopper, cancel=True)])
    assert await shopper.state(request.order_id) == "CANCELLED"
    (again,) = await order.step(PLACE_CHECKOUT_ORDERS, [request])
    assert (again.kind, again.code) == ("refused", "INVALID_STATE")


async def test_entering_fixes_the_order_for_one_payment(shopper: Shopper, games: Games, order: SubgraphClient) -> None:
    order_id = await shopper.ordered(await games.new(usd="1.00"))
    first = EnterRequest(order_id, new_id(), shopper.id)
    second = EnterRequest(order_id, new_id(), shopper.id)
    one, two, again = await order.step(ENTER_PAYMENTS, [first, second, first])
    assert (one.kind, one.total, len(one.lines)) == ("ready", 1300, 1)
    assert (two.kind, two.code) == ("refused", "INVALID_STATE")
    assert again == one
    assert await order.step(ENTER_PAYMENTS, [first]) == [one]
    assert await shopper.state(order_id) == "ORDERED"


async def test_only_ones_own_ready_order_can_be_entered(
    shopper: Shopper, shoppers: Shoppers, games: Games, order: SubgraphClient
) -> None:
    order_id = await shopper.ordered(await games.new())
    stranger = await shoppers.new()
    asked = [EnterRequest(order_id, new_id(), stranger.id), EnterRequest(new_id(), new_id(), shopper.id)]
    for outcome in await order.step(ENTER_PAYMENTS, asked):
        assert (outcome.kind, outcome.code) == ("refused", "NOT_FOUND")
    await shopper.cancel(order_id)
    (outcome,) = await order.step(ENTER_PAYMENTS, [EnterRequest(order_id, new_id(), shopper.id)])
    assert (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")


async def test_what_is_owned_by_now_cannot_be_entered(shopper: Shopper, games: Games, order: SubgraphClient) -> None:
    game, other = await games.new(), await games.new()
    order_id = await shopper.ordered(game, other)
    await shopper.buy(game)
    request = EnterRequest(order_id, new_id(), shopper.id)
    (outcome,) = await order.step(ENTER_PAYMENTS, [request])
    assert (outcome.kind, outcome.product_ids) == ("already_owned", [game])
    assert await shopper.state(order_id) == "READY"
    await shopper.remove_line(order_id, game)
    (outcome,) = await order.step(ENTER_PAYMENTS, [request])
    assert outcome.kind == "ready"


async def test_an_order_leaves_only_the_payment_that_it_is_in(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    order_id = await shopper.ordered(await games.new())
    entered = EnterRequest(order_id, new_id(), shopper.id)
    await order.step(ENTER_PAYMENTS, [entered])
    await order.step(LEAVE_PAYMENTS, [LeaveRequest(order_id, new_id(), shopper.id, cancel=False)])
    assert await shopper.state(order_id) == "ORDERED"
    leave = LeaveRequest(order_id, entered.payment_id, shopper.id, cancel=False)
    for _ in range(2):
        await order.step(LEAVE_PAYMENTS, [leave])
        assert await shopper.state(order_id) == "READY"


async def test_a_payment_that_was_given_up_does_not_enter_late(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    order_id = await shopper.ordered(await games.new())
    late = EnterRequest(order_id, new_id(), shopper.id)
    await order.step(LEAVE_PAYMENTS, [LeaveRequest(order_id, late.payment_id, shopper.id, cancel=False)])
    (outcome,) = await order.step(ENTER_PAYMENTS, [late])
    assert (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")
    assert await shopper.state(order_id) == "READY"
    (outcome,) = await order.step(ENTER_PAYMENTS, [EnterRequest(order_id, new_id(), shopper.id)])
    assert outcome.kind == "ready"


async def test_a_paid_order_is_paid_and_its_wishes_are_gone(shopper: Shopper, shoppers: Shoppers, games: Games) -> None:
    bought, wished = await games.new(), await games.new()
    other = await shoppers.new()
    for product in (bought, wished):
        await shopper.wish(product)
    await other.wish(bought)
    order_id = await shopper.buy(bought)
    assert await shopper.state(order_id) == "PAID"
    assert await shopper.wishes() == [wished]
    assert await other.wishes() == [bought]


async def test_what_is_paid_does_not_leave(shopper: Shopper, games: Games, order: SubgraphClient) -> None:
    request, placed = await shopper.checkout(game := await games.new())
    await shopper.announce_paid(request.order_id, request.payment_id, game)
    await shopper.buy(await games.new())  # later in the stream: all before it has been applied
    for cancel in (False, True):
        await order.step(LEAVE_PAYMENTS, [_leave(request, shopper, cancel=cancel)])
    assert await shopper.state(request.order_id) == "PAID"
    assert await order.step(PLACE_CHECKOUT_ORDERS, [request]) == [placed]


async def test_the_event_of_another_payment_changes_nothing(
    shopper: Shopper, games: Games, publish: Publish, applied: Applied
) -> None:
    request, _ = await shopper.checkout(await games.new())
    await publish(PaymentCancelled(new_id(), request.order_id, shopper.id))
    await shopper.announce_paid(request.order_id, new_id())
    await applied()
    assert await shopper.state(request.order_id) == "ORDERED"


async def test_a_cancelled_payments_order_can_be_paid_anew(
    shopper: Shopper, games: Games, order: SubgraphClient, publish: Publish, applied: Applied
) -> None:
    order_id = await shopper.ordered(await games.new())
    first = EnterRequest(order_id, new_id(), shopper.id)
    await order.step(ENTER_PAYMENTS, [first])
    cancelled = PaymentCancelled(first.payment_id, order_id, shopper.id)
    await publish(cancelled)
    await applied()
    assert await shopper.state(order_id) == "READY"
    second = EnterRequest(order_id, new_id(), shopper.id)
    late, entered = await order.step(ENTER_PAYMENTS, [first, second])
    assert (late.kind, late.code) == ("refused", "INVALID_STATE")
    assert entered.kind == "ready"
    await publish(cancelled)  # told twice, the second time late
    await applied()
    assert await shopper.state(order_id) == "ORDERED"


@pytest.mark.parametrize("event_first", [True, False])
async def test_a_checkout_given_up_ends_cancelled_in_whatever_order_it_is_told(
    shopper: Shopper,
    games: Games,
    order: SubgraphClient,
    publish: Publish,
    applied: Applied,
    event_first: bool,
) -> None:
    request, _ = await shopper.checkout(await games.new())
    if event_first:
        await publish(PaymentCancelled(request.payment_id, request.order_id, shopper.id))
        await applied()
    await order.step(LEAVE_PAYMENTS, [_leave(request, shopper, cancel=True)])
    if not event_first:
        await publish(PaymentCancelled(request.payment_id, request.order_id, shopper.id))
        await applied()
    assert await shopper.state(request.order_id) == "CANCELLED"


async def test_of_cancelling_and_payments_entering_at_once_exactly_one_wins(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    game = await games.new()

    async def enter(order_id: str) -> bool:
        (outcome,) = await order.step(ENTER_PAYMENTS, [EnterRequest(order_id, new_id(), shopper.id)])
        assert outcome.kind == "ready" or (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")
        return outcome.kind == "ready"

    async def cancel(order_id: str) -> bool:
        await shopper.wish(game)  # asks peers, as entering does: else cancelling would always be first
        answer = await shopper.cancel(order_id)
        assert answer == "INVALID_STATE" or answer["state"] == "CANCELLED"
        return isinstance(answer, dict)

    for _ in range(20):
        order_id = await shopper.ordered(game)
        cancelled, *entered = await asyncio.gather(cancel(order_id), *(enter(order_id) for _ in range(4)))
        assert [cancelled, *entered].count(True) == 1
        assert await shopper.state(order_id) == ("CANCELLED" if cancelled else "ORDERED")


async def test_what_a_payment_enters_is_what_the_order_is(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    one, two = await games.new(usd="1.00"), await games.new(usd="2.00")
    order_ids = [await shopper.ordered(one, two) for _ in range(20)]

    async def enter(order_id: str) -> OrderOutcome:
        return (await order.step(ENTER_PAYMENTS, [EnterRequest(order_id, new_id(), shopper.id)]))[0]

    answers = await asyncio.gather(
        *(asyncio.gather(shopper.remove_line(order_id, one), enter(order_id)) for order_id in order_ids)
    )
    for order_id, (_, entered) in zip(order_ids, answers, strict=True):
        placed = await shopper.order(order_id)
        assert entered.kind == "ready"
        assert entered.total == placed["totalPoints"] == sum(line.points for line in entered.lines)
        assert [line.product_id for line in entered.lines] == [x["product"]["id"] for x in placed["lines"]]


async def test_steps_cost_the_same_for_1_and_for_50_orders(
    shoppers: Shoppers, games: Games, order: SubgraphClient, statements: Counting
) -> None:
    game = await games.new()
    costs = []
    for count in (1, 50):
        buyer = await shoppers.new()
        places = [PlaceRequest(new_id(), new_id(), buyer.id, [game]) for _ in range(count)]
        leaves = [LeaveRequest(r.order_id, r.payment_id, buyer.id, cancel=False) for r in places]
        enters = [EnterRequest(r.order_id, new_id(), buyer.id) for r in places]
        turns: list[tuple[Step[Any, Any], list[Any]]] = [
            (PLACE_CHECKOUT_ORDERS, places),
            (LEAVE_PAYMENTS, leaves),
            (ENTER_PAYMENTS, enters),
        ]
        counts = []
        for step, requests in turns:
            async with statements("order") as counted:
                assert len(await order.step(step, requests)) == count
            counts.append(counted.count)
        assert {await buyer.state(r.order_id) for r in places} == {"ORDERED"}
        costs.append(counts)
    assert costs[0] == costs[1]


@pytest.mark.parametrize("step", [PLACE_CHECKOUT_ORDERS, ENTER_PAYMENTS, LEAVE_PAYMENTS])
async def test_steps_are_for_peers_only(shopper: Shopper, order: SubgraphClient, step: Step[Any, Any]) -> None:
    answer = await order.run(step.document, {"r": []}, viewer=shopper.viewer)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def _leave(request: PlaceRequest, shopper: Shopper, *, cancel: bool) -> LeaveRequest:
    return LeaveRequest(request.order_id, request.payment_id, shopper.id, cancel=cancel)
