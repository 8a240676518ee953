"""The internal commands: which products are owned, and revoking unplayed games."""

import asyncio
from typing import Any

import msgspec
import pytest

from subgraphs.contracts.library import (
    OWNED_PRODUCTS,
    REVOKE_GAMES,
    OwnedOutcome,
    OwnedRequest,
    RevokeOutcome,
    RevokeRequest,
)
from subgraphs.contracts.payment import PaymentPaid
from subgraphs.kit.database.columns import new_id
from tests.clients import SubgraphClient, Viewers

PLAY = "mutation ($id: ID!) { play(productId: $id) { __typename } }"


def refund(event: PaymentPaid, *products: str) -> RevokeRequest:
    """A refund of some products of a payment."""
    return RevokeRequest(
        refund_id=new_id(), payment_id=event.payment_id, user_id=event.user_id, product_ids=list(products)
    )


async def owned(library: SubgraphClient, user_id: str, *products: str) -> list[str]:
    (outcome,) = await library.command(OWNED_PRODUCTS, [OwnedRequest(user_id=user_id, product_ids=list(products))])
    return list(outcome.product_ids)


async def test_a_fresh_answer_knows_what_was_paid_just_now(
    library: SubgraphClient, viewers: Viewers, paid: Any, keep_back: Any
) -> None:
    user, product = (await viewers.user()).id, new_id()
    await keep_back(user, [msgspec.json.encode(paid(user, product)).decode()])

    async def asked(*, fresh: bool) -> list[str]:
        request = OwnedRequest(user_id=user, product_ids=[product], fresh=fresh)
        (outcome,) = await library.command(OWNED_PRODUCTS, [request])
        return list(outcome.product_ids)

    assert await asked(fresh=False) == []
    assert await asked(fresh=True) == [product]


async def test_owned_products_are_answered_per_request_in_order(
    library: SubgraphClient, viewers: Viewers, grant: Any
) -> None:
    one, other = await viewers.user(), await viewers.user()
    a, b, c = new_id(), new_id(), new_id()
    await grant(one, a, b)
    await grant(other, b)

    outcomes = await library.command(
        OWNED_PRODUCTS,
        [
            OwnedRequest(user_id=one.id, product_ids=[c, b, a]),
            OwnedRequest(user_id=other.id, product_ids=[a, b, c]),
            OwnedRequest(user_id=one.id, product_ids=[]),
        ],
    )

    assert outcomes == [OwnedOutcome([b, a]), OwnedOutcome([b]), OwnedOutcome([])]


async def test_a_refund_revokes_unplayed_games_and_leaves_played_ones(
    library: SubgraphClient, viewers: Viewers, grant: Any
) -> None:
    viewer, played, unplayed, kept = await viewers.user(), new_id(), new_id(), new_id()
    event = await grant(viewer, played, unplayed, kept)
    await library.run(PLAY, {"id": played}, viewer=viewer)

    outcomes = await library.command(REVOKE_GAMES, [refund(event, unplayed, played)])

    assert outcomes == [RevokeOutcome(revoked=[unplayed], played=[played])]
    assert await owned(library, viewer.id, played, unplayed, kept) == [played, kept]


async def test_the_same_refund_again_gets_the_same_answer(
    library: SubgraphClient, viewers: Viewers, grant: Any
) -> None:
    viewer, played, unplayed = await viewers.user(), new_id(), new_id()
    event = await grant(viewer, played, unplayed)
    await library.run(PLAY, {"id": played}, viewer=viewer)
    request = refund(event, played, unplayed, unplayed)

    first = await library.command(REVOKE_GAMES, [request])
    again = await library.command(REVOKE_GAMES, [request, request])

    assert first == [RevokeOutcome(revoked=[unplayed], played=[played])]
    assert again == first * 2


async def test_of_two_refunds_of_one_game_the_first_gets_it(
    library: SubgraphClient, viewers: Viewers, grant: Any
) -> None:
    viewer, product = await viewers.user(), new_id()
    event = await grant(viewer, product)
    winner, loser = refund(event, product), refund(event, product)
    nothing = RevokeOutcome(revoked=[], played=[])

    together = await library.command(REVOKE_GAMES, [winner, loser])
    later = await library.command(REVOKE_GAMES, [loser, winner])

    assert together == [RevokeOutcome(revoked=[product], played=[]), nothing]
    assert later == together[::-1]


@pytest.mark.parametrize("is_granted", [True, False])
async def test_of_concurrent_refunds_each_game_goes_to_one(
    library: SubgraphClient, viewers: Viewers, grant: Any, paid: Any, rows: Any, is_granted: bool
) -> None:
    viewer, ids = await viewers.user(), [new_id() for _ in range(5)]
    event = await grant(viewer, *ids) if is_granted else paid(viewer.id, *ids)
    requests = [refund(event, *ids[index % 3 :]) for index in range(12)]

    answers = await asyncio.gather(*[library.command(REVOKE_GAMES, [request]) for request in requests])

    revoked = [product for (outcome,) in answers for product in outcome.revoked]
    assert sorted(revoked) == sorted(ids)
    holders = {game.product_id: game.revoked_by for game in await rows(viewer.id)}
    for request, (outcome,) in zip(requests, answers, strict=True):
        assert outcome.played == []
        assert {holders[product] for product in outcome.revoked} <= {request.refund_id}


async def test_a_game_not_granted_yet_is_revoked_for_good(
    library: SubgraphClient, viewers: Viewers, paid: Any, delivered: Any, rows: Any
) -> None:
    viewer, early, other = await viewers.user(), new_id(), new_id()
    event = paid(viewer.id, early, other)
    request = refund(event, early)

    outcomes = await library.command(REVOKE_GAMES, [request])
    await delivered(event)

    assert outcomes == [RevokeOutcome(revoked=[early], played=[])]
    assert await library.command(REVOKE_GAMES, [request]) == outcomes
    assert await owned(library, viewer.id, early, other) == [other]
    found = {game.product_id: game.revoked_by for game in await rows(viewer.id)}
    assert found == {early: request.refund_id, other: None}


async def test_a_refunded_game_can_be_bought_again(
    library: SubgraphClient, viewers: Viewers, grant: Any, rows: Any
) -> None:
    viewer, product = await viewers.user(), new_id()
    first = refund(await grant(viewer, product), product)
    await library.command(REVOKE_GAMES, [first])

    second = await grant(viewer, product)

    assert await owned(library, viewer.id, product) == [product]
    assert [game.revoked_by for game in await rows(viewer.id)] == [first.refund_id, None]
    assert await library.command(REVOKE_GAMES, [first]) == [RevokeOutcome(revoked=[product], played=[])]
    assert await owned(library, viewer.id, product) == [product], "repeating the old refund revokes nothing more"
    assert (await library.command(REVOKE_GAMES, [refund(second, product)]))[0].revoked == [product]


async def test_a_refund_of_nothing(library: SubgraphClient, viewers: Viewers, paid: Any) -> None:
    request = refund(paid((await viewers.user()).id))

    assert await library.command(REVOKE_GAMES, [request]) == [RevokeOutcome(revoked=[], played=[])]
    assert await library.command(REVOKE_GAMES, []) == []
    assert await library.command(OWNED_PRODUCTS, []) == []


async def test_a_batch_takes_as_many_statements_as_one_request(
    library: SubgraphClient, viewers: Viewers, paid: Any, delivered: Any, statements: Any
) -> None:
    viewer = await viewers.user()
    events = [paid(viewer.id, *[new_id() for _ in range(5)]) for _ in range(201)]
    await delivered(*events)

    def asked(event: PaymentPaid) -> list[str]:
        return [line.product_id for line in event.lines]

    counts = {}
    for name, part in (("one", events[:1]), ("many", events[1:])):
        questions = [OwnedRequest(user_id=viewer.id, product_ids=asked(event)) for event in part]
        async with statements("library") as owning:
            answers = await library.command(OWNED_PRODUCTS, questions)
        assert [answer.product_ids for answer in answers] == [asked(event) for event in part]
        granted = [refund(event, *asked(event)) for event in part]
        async with statements("library") as revoking:
            outcomes = await library.command(REVOKE_GAMES, granted)
        assert [outcome.revoked for outcome in outcomes] == [asked(event) for event in part]
        strangers = [paid(viewer.id, new_id()) for _ in part]
        async with statements("library") as keeping_out:
            await library.command(REVOKE_GAMES, [refund(event, *asked(event)) for event in strangers])
        counts[name] = (owning.count, revoking.count, keeping_out.count)

    assert counts["one"] == counts["many"]
    assert counts["one"][:2] == (1, 2)


@pytest.mark.parametrize("command", [OWNED_PRODUCTS, REVOKE_GAMES])
async def test_commands_are_for_peers_only(library: SubgraphClient, viewers: Viewers, command: Any) -> None:
    answer = await library.run(command.document, {"r": []}, viewer=await viewers.admin())

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
