"""PaymentPaid grants games, once, however often and in whatever order the events come."""

import asyncio
from typing import Any

from sqlalchemy import select

from subgraphs.contracts.confirm import AppliedOutcome, AppliedRequest, applied_command
from subgraphs.contracts.library import REVOKE_GAMES, RevokeRequest
from subgraphs.kit.database.columns import new_id
from subgraphs.library.models import Inbox
from tests.clients import SubgraphClient, Viewers

PLAY = "mutation ($id: ID!) { play(productId: $id) { __typename } }"


async def test_an_event_delivered_twice_is_applied_once(
    viewers: Viewers, paid: Any, publish: Any, delivered: Any, rows: Any
) -> None:
    viewer, event_id = await viewers.user(), new_id()
    event = paid(viewer.id, new_id(), new_id())
    for _ in range(2):
        await publish(event, event_id)
    await delivered()
    await publish(event, event_id)
    await delivered()

    assert len(await rows(viewer.id)) == 2


async def test_a_payment_announced_again_changes_nothing(
    library: SubgraphClient, viewers: Viewers, paid: Any, delivered: Any, rows: Any
) -> None:
    viewer, product = await viewers.user(), new_id()
    event = paid(viewer.id, product)
    await delivered(event, event)
    await library.run(PLAY, {"id": product}, viewer=viewer)
    before = [(game.id, game.play_count, game.last_played_at) for game in await rows(viewer.id)]

    await delivered(event)

    after = [(game.id, game.play_count, game.last_played_at) for game in await rows(viewer.id)]
    assert after == before
    assert [row[1] for row in after] == [1]


async def test_a_payment_announced_again_after_its_refund_grants_nothing(
    library: SubgraphClient, viewers: Viewers, grant: Any, delivered: Any, rows: Any
) -> None:
    viewer, product = await viewers.user(), new_id()
    event = await grant(viewer, product)
    refund = RevokeRequest(refund_id=new_id(), payment_id=event.payment_id, user_id=viewer.id, product_ids=[product])
    await library.command(REVOKE_GAMES, [refund])

    await delivered(event)

    assert [(game.revoked_by, game.live_key) for game in await rows(viewer.id)] == [(refund.refund_id, None)]


async def test_a_product_is_owned_once_however_often_it_was_paid(
    viewers: Viewers, paid: Any, delivered: Any, rows: Any
) -> None:
    viewer, product, other = await viewers.user(), new_id(), new_id()
    first, second = paid(viewer.id, product), paid(viewer.id, product, other)

    await delivered(first, second)

    found = {game.product_id: game.payment_id for game in await rows(viewer.id)}
    assert len(await rows(viewer.id)) == 2
    assert found == {product: first.payment_id, other: second.payment_id}


async def test_many_events_at_once_are_all_granted(viewers: Viewers, paid: Any, delivered: Any, rows: Any) -> None:
    viewer = await viewers.user()
    events = [paid(viewer.id, new_id(), new_id()) for _ in range(300)]

    await delivered(*events)

    expected = {(event.payment_id, line.product_id) for event in events for line in event.lines}
    assert {(game.payment_id, game.product_id) for game in await rows(viewer.id)} == expected


async def test_the_event_of_a_second_purchase_may_overtake_the_first_ones(
    library: SubgraphClient, viewers: Viewers, paid: Any, delivered: Any, rows: Any
) -> None:
    viewer, product = await viewers.user(), new_id()
    first, second = paid(viewer.id, product), paid(viewer.id, product)
    refund = RevokeRequest(refund_id=new_id(), payment_id=first.payment_id, user_id=viewer.id, product_ids=[product])
    await library.command(REVOKE_GAMES, [refund])

    await delivered(second, first)

    found = {game.payment_id: game.revoked_by for game in await rows(viewer.id)}
    assert found == {first.payment_id: refund.refund_id, second.payment_id: None}


async def test_concurrent_grants_refunds_and_plays_end_consistently(
    library: SubgraphClient, viewers: Viewers, paid: Any, delivered: Any, rows: Any
) -> None:
    viewer, ids = await viewers.user(), [new_id() for _ in range(10)]
    events = [paid(viewer.id, product) for product in ids]
    refunds = [
        RevokeRequest(refund_id=new_id(), payment_id=event.payment_id, user_id=viewer.id, product_ids=[product])
        for event, product in zip(events, ids, strict=True)
    ]

    answers = await asyncio.gather(
        delivered(*events),
        *[library.run(PLAY, {"id": product}, viewer=viewer) for product in ids],
        *[library.command(REVOKE_GAMES, [request]) for request in refunds],
    )

    plays, outcomes = answers[1:11], [outcome for (outcome,) in answers[11:]]
    found = {game.product_id: game for game in await rows(viewer.id)}
    for product, play, outcome in zip(ids, plays, outcomes, strict=True):
        is_played = play["data"]["play"]["__typename"] == "Play"
        assert (outcome.revoked, outcome.played) == (([], [product]) if is_played else ([product], []))
        assert found[product].play_count == int(is_played)
        assert (found[product].live_key is None) is not is_played


async def test_producers_learn_which_events_were_applied(
    library: SubgraphClient, viewers: Viewers, grant: Any, sql: Any
) -> None:
    await grant(await viewers.user(), new_id())
    async with sql("library").reading() as session:
        applied = await session.scalar(select(Inbox.event_id).limit(1))

    unknown = new_id()
    questions = [AppliedRequest([applied, unknown]), AppliedRequest([applied])]
    outcomes = await library.command(applied_command("library"), questions)

    assert outcomes == [AppliedOutcome(missing=[unknown]), AppliedOutcome(missing=[])]
