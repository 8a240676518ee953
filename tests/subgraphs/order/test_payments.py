"""Orders that enter payments and leave them: the steps, and what races them."""

import asyncio
from typing import Any

import pytest

from subgraphs.contracts.command import Command
from subgraphs.contracts.order import (
    ENTER_PAYMENTS,
    LEAVE_PAYMENTS,
    PLACE_CHECKOUT_ORDERS,
    EnterRequest,
    LeaveRequest,
    OrderOutcome,
    PlaceRequest,
)
from subgraphs.kit.database.columns import new_id
from tests.clients import Games, SubgraphClient
from tests.subgraphs.order.shopper import Counting, Shopper, Shoppers


async def test_entering_fixes_the_order_for_one_payment(shopper: Shopper, games: Games, order: SubgraphClient) -> None:
    order_id = await shopper.ordered(await games.new(usd="1.00"))
    first = EnterRequest(order_id, new_id(), shopper.id)
    second = EnterRequest(order_id, new_id(), shopper.id)
    one, two, again = await order.command(ENTER_PAYMENTS, [first, second, first])
    assert (one.kind, one.total, len(one.lines)) == ("ready", 1300, 1)
    assert (two.kind, two.code) == ("refused", "INVALID_STATE")
    assert again == one
    assert await order.command(ENTER_PAYMENTS, [first]) == [one]
    assert await shopper.state(order_id) == "ORDERED"


async def test_only_ones_own_ready_order_can_be_entered(
    shopper: Shopper, shoppers: Shoppers, games: Games, order: SubgraphClient
) -> None:
    order_id = await shopper.ordered(await games.new())
    stranger = await shoppers.new()
    asked = [EnterRequest(order_id, new_id(), stranger.id), EnterRequest(new_id(), new_id(), shopper.id)]
    for outcome in await order.command(ENTER_PAYMENTS, asked):
        assert (outcome.kind, outcome.code) == ("refused", "NOT_FOUND")
    await shopper.cancel(order_id)
    (outcome,) = await order.command(ENTER_PAYMENTS, [EnterRequest(order_id, new_id(), shopper.id)])
    assert (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")


async def test_what_is_owned_by_now_cannot_be_entered(shopper: Shopper, games: Games, order: SubgraphClient) -> None:
    game, other = await games.new(), await games.new()
    order_id = await shopper.ordered(game, other)
    await shopper.buy(game)
    request = EnterRequest(order_id, new_id(), shopper.id)
    (outcome,) = await order.command(ENTER_PAYMENTS, [request])
    assert (outcome.kind, outcome.product_ids) == ("already_owned", [game])
    assert await shopper.state(order_id) == "READY"
    await shopper.remove_line(order_id, game)
    (outcome,) = await order.command(ENTER_PAYMENTS, [request])
    assert outcome.kind == "ready"


async def test_an_order_leaves_only_the_payment_that_it_is_in(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    order_id = await shopper.ordered(await games.new())
    entered = EnterRequest(order_id, new_id(), shopper.id)
    await order.command(ENTER_PAYMENTS, [entered])
    await order.command(LEAVE_PAYMENTS, [LeaveRequest(order_id, new_id(), shopper.id, cancel=False)])
    assert await shopper.state(order_id) == "ORDERED"
    leave = LeaveRequest(order_id, entered.payment_id, shopper.id, cancel=False)
    for _ in range(2):
        await order.command(LEAVE_PAYMENTS, [leave])
        assert await shopper.state(order_id) == "READY"


async def test_a_payment_that_was_given_up_does_not_enter_late(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    order_id = await shopper.ordered(await games.new())
    late = EnterRequest(order_id, new_id(), shopper.id)
    await order.command(LEAVE_PAYMENTS, [LeaveRequest(order_id, late.payment_id, shopper.id, cancel=False)])
    (outcome,) = await order.command(ENTER_PAYMENTS, [late])
    assert (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")
    assert await shopper.state(order_id) == "READY"
    (outcome,) = await order.command(ENTER_PAYMENTS, [EnterRequest(order_id, new_id(), shopper.id)])
    assert outcome.kind == "ready"


async def test_of_cancelling_and_payments_entering_at_once_exactly_one_wins(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    game = await games.new()

    async def enter(order_id: str) -> bool:
        (outcome,) = await order.command(ENTER_PAYMENTS, [EnterRequest(order_id, new_id(), shopper.id)])
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
        return (await order.command(ENTER_PAYMENTS, [EnterRequest(order_id, new_id(), shopper.id)]))[0]

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
        turns: list[tuple[Command[Any, Any], list[Any]]] = [
            (PLACE_CHECKOUT_ORDERS, places),
            (LEAVE_PAYMENTS, leaves),
            (ENTER_PAYMENTS, enters),
        ]
        counts = []
        for step, requests in turns:
            async with statements("order") as counted:
                assert len(await order.command(step, requests)) == count
            counts.append(counted.count)
        assert {await buyer.state(r.order_id) for r in places} == {"ORDERED"}
        costs.append(counts)
    assert costs[0] == costs[1]


@pytest.mark.parametrize("step", [PLACE_CHECKOUT_ORDERS, ENTER_PAYMENTS, LEAVE_PAYMENTS])
async def test_steps_are_for_peers_only(shopper: Shopper, order: SubgraphClient, step: Command[Any, Any]) -> None:
    answer = await order.run(step.document, {"r": []}, viewer=shopper.viewer)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
