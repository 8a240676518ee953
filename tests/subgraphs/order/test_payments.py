"""Attaching orders to payments and detaching them, also at once with other changes."""

import asyncio
from typing import Any

import pytest

from subgraphs.contracts.command import Command
from subgraphs.contracts.order import (
    ATTACH_ORDERS,
    DETACH_ORDERS,
    PLACE_CHECKOUT_ORDERS,
    AttachRequest,
    DetachRequest,
    OrderOutcome,
    PlaceRequest,
)
from subgraphs.kit.database.columns import new_id
from tests.clients import Games, SubgraphClient
from tests.subgraphs.order.shopper import Counting, Shopper, Shoppers


async def test_an_order_is_attached_to_one_payment(shopper: Shopper, games: Games, order: SubgraphClient) -> None:
    order_id = await shopper.ordered(await games.new(usd="1.00"))
    first = AttachRequest(order_id, new_id(), shopper.id)
    second = AttachRequest(order_id, new_id(), shopper.id)
    one, two, again = await order.command(ATTACH_ORDERS, [first, second, first])
    assert (one.kind, one.total, len(one.lines)) == ("ready", 1300, 1)
    assert (two.kind, two.code) == ("refused", "INVALID_STATE")
    assert again == one
    assert await order.command(ATTACH_ORDERS, [first]) == [one]
    assert await shopper.state(order_id) == "ORDERED"


async def test_only_a_users_own_ready_order_is_attached(
    shopper: Shopper, shoppers: Shoppers, games: Games, order: SubgraphClient
) -> None:
    order_id = await shopper.ordered(await games.new())
    stranger = await shoppers.new()
    asked = [AttachRequest(order_id, new_id(), stranger.id), AttachRequest(new_id(), new_id(), shopper.id)]
    for outcome in await order.command(ATTACH_ORDERS, asked):
        assert (outcome.kind, outcome.code) == ("refused", "NOT_FOUND")
    await shopper.cancel(order_id)
    (outcome,) = await order.command(ATTACH_ORDERS, [AttachRequest(order_id, new_id(), shopper.id)])
    assert (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")


async def test_an_order_with_an_owned_product_is_not_attached(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    game, other = await games.new(), await games.new()
    order_id = await shopper.ordered(game, other)
    await shopper.buy(game)
    request = AttachRequest(order_id, new_id(), shopper.id)
    (outcome,) = await order.command(ATTACH_ORDERS, [request])
    assert (outcome.kind, outcome.product_ids) == ("already_owned", [game])
    assert await shopper.state(order_id) == "READY"
    await shopper.remove_line(order_id, game)
    (outcome,) = await order.command(ATTACH_ORDERS, [request])
    assert outcome.kind == "ready"


async def test_an_order_is_detached_only_from_its_own_payment(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    order_id = await shopper.ordered(await games.new())
    attach = AttachRequest(order_id, new_id(), shopper.id)
    await order.command(ATTACH_ORDERS, [attach])
    await order.command(DETACH_ORDERS, [DetachRequest(order_id, new_id(), shopper.id, cancel=False)])
    assert await shopper.state(order_id) == "ORDERED"
    detach = DetachRequest(order_id, attach.payment_id, shopper.id, cancel=False)
    for _ in range(2):
        await order.command(DETACH_ORDERS, [detach])
        assert await shopper.state(order_id) == "READY"


async def test_a_detached_payment_is_not_attached_later(shopper: Shopper, games: Games, order: SubgraphClient) -> None:
    order_id = await shopper.ordered(await games.new())
    late = AttachRequest(order_id, new_id(), shopper.id)
    await order.command(DETACH_ORDERS, [DetachRequest(order_id, late.payment_id, shopper.id, cancel=False)])
    (outcome,) = await order.command(ATTACH_ORDERS, [late])
    assert (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")
    assert await shopper.state(order_id) == "READY"
    (outcome,) = await order.command(ATTACH_ORDERS, [AttachRequest(order_id, new_id(), shopper.id)])
    assert outcome.kind == "ready"


async def test_exactly_one_of_a_cancellation_and_several_payments_wins(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    game = await games.new()

    async def attach(order_id: str) -> bool:
        (outcome,) = await order.command(ATTACH_ORDERS, [AttachRequest(order_id, new_id(), shopper.id)])
        assert outcome.kind == "ready" or (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")
        return outcome.kind == "ready"

    async def cancel(order_id: str) -> bool:
        await shopper.wish(game)  # calls peers, as attaching does; otherwise cancelling would always come first
        answer = await shopper.cancel(order_id)
        assert answer == "INVALID_STATE" or answer["state"] == "CANCELLED"
        return isinstance(answer, dict)

    for _ in range(20):
        order_id = await shopper.ordered(game)
        cancelled, *attached = await asyncio.gather(cancel(order_id), *(attach(order_id) for _ in range(4)))
        assert [cancelled, *attached].count(True) == 1
        assert await shopper.state(order_id) == ("CANCELLED" if cancelled else "ORDERED")


async def test_a_payment_gets_the_lines_that_the_order_has(
    shopper: Shopper, games: Games, order: SubgraphClient
) -> None:
    one, two = await games.new(usd="1.00"), await games.new(usd="2.00")
    order_ids = [await shopper.ordered(one, two) for _ in range(20)]

    async def attach(order_id: str) -> OrderOutcome:
        return (await order.command(ATTACH_ORDERS, [AttachRequest(order_id, new_id(), shopper.id)]))[0]

    answers = await asyncio.gather(
        *(asyncio.gather(shopper.remove_line(order_id, one), attach(order_id)) for order_id in order_ids)
    )
    for order_id, (_, attached) in zip(order_ids, answers, strict=True):
        placed = await shopper.order(order_id)
        assert attached.kind == "ready"
        assert attached.total == placed["totalPoints"] == sum(line.points for line in attached.lines)
        assert [line.product_id for line in attached.lines] == [x["product"]["id"] for x in placed["lines"]]


async def test_commands_cost_the_same_for_1_and_for_50_orders(
    shoppers: Shoppers, games: Games, order: SubgraphClient, statements: Counting
) -> None:
    game = await games.new()
    costs = []
    for count in (1, 50):
        buyer = await shoppers.new()
        places = [PlaceRequest(new_id(), new_id(), buyer.id, [game]) for _ in range(count)]
        detaches = [DetachRequest(r.order_id, r.payment_id, buyer.id, cancel=False) for r in places]
        attaches = [AttachRequest(r.order_id, new_id(), buyer.id) for r in places]
        turns: list[tuple[Command[Any, Any], list[Any]]] = [
            (PLACE_CHECKOUT_ORDERS, places),
            (DETACH_ORDERS, detaches),
            (ATTACH_ORDERS, attaches),
        ]
        counts = []
        for command, requests in turns:
            async with statements("order") as counted:
                assert len(await order.command(command, requests)) == count
            counts.append(counted.count)
        assert {await buyer.state(r.order_id) for r in places} == {"ORDERED"}
        costs.append(counts)
    assert costs[0] == costs[1]


@pytest.mark.parametrize("command", [PLACE_CHECKOUT_ORDERS, ATTACH_ORDERS, DETACH_ORDERS])
async def test_commands_are_for_peers_only(shopper: Shopper, order: SubgraphClient, command: Command[Any, Any]) -> None:
    answer = await order.run(command.document, {"r": []}, viewer=shopper.viewer)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
