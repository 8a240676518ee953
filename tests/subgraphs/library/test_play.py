"""Only owned games can be played, and every play counts."""

import asyncio
from typing import Any

import pytest

from subgraphs.contracts.library import REVOKE_GAMES, RevokeRequest
from subgraphs.kit.database.columns import new_id
from tests.clients import SubgraphClient, Viewers

PLAY = """mutation ($id: ID!) { play(productId: $id) { __typename
  ... on Play { id product { id owned } playedAt }
  ... on NotOwned { message product { id owned } } } }"""
ME = """{ me { library { edges { node { played lastPlayedAt } } }
  playHistory(first: 100) { edges { node { id playedAt } } totalCount } } }"""


async def test_a_play_is_recorded(library: SubgraphClient, viewers: Viewers, grant: Any) -> None:
    viewer, product = await viewers.user(), new_id()
    await grant(viewer, product)

    play = (await library.run(PLAY, {"id": product}, viewer=viewer))["data"]["play"]
    me = (await library.run(ME, viewer=viewer))["data"]["me"]

    assert (play["__typename"], play["product"]) == ("Play", {"id": product, "owned": True})
    assert me["library"]["edges"][0]["node"] == {"played": True, "lastPlayedAt": play["playedAt"]}
    assert me["playHistory"]["edges"] == [{"node": {"id": play["id"], "playedAt": play["playedAt"]}}]


@pytest.mark.parametrize("product", [new_id(), "", "é ☃ 'x' % \\", "9" * 500], ids=["new", "empty", "odd", "long"])
async def test_what_is_not_owned_cannot_be_played(library: SubgraphClient, viewers: Viewers, product: str) -> None:
    viewer = await viewers.user()

    play = (await library.run(PLAY, {"id": product}, viewer=viewer))["data"]["play"]
    me = (await library.run(ME, viewer=viewer))["data"]["me"]

    assert (play["__typename"], play["product"]) == ("NotOwned", {"id": product, "owned": False})
    assert play["message"]
    assert me["playHistory"]["totalCount"] == 0


async def test_an_id_with_a_trailing_space_is_another_id(
    library: SubgraphClient, viewers: Viewers, grant: Any, rows: Any
) -> None:
    viewer, product = await viewers.user(), new_id()
    await grant(viewer, product)

    play = (await library.run(PLAY, {"id": f"{product} "}, viewer=viewer))["data"]["play"]

    assert (play["__typename"], play["product"]["owned"]) == ("NotOwned", False)
    assert [game.play_count for game in await rows(viewer.id)] == [0]


async def test_another_users_game_cannot_be_played(
    library: SubgraphClient, viewers: Viewers, grant: Any, rows: Any
) -> None:
    owner, product = await viewers.user(), new_id()
    await grant(owner, product)

    for viewer in (await viewers.user(), await viewers.admin()):
        play = (await library.run(PLAY, {"id": product}, viewer=viewer))["data"]["play"]
        assert play["__typename"] == "NotOwned"
    assert [game.play_count for game in await rows(owner.id)] == [0]


async def test_a_refunded_game_cannot_be_played(library: SubgraphClient, viewers: Viewers, grant: Any) -> None:
    viewer, product = await viewers.user(), new_id()
    event = await grant(viewer, product)
    request = RevokeRequest(refund_id=new_id(), payment_id=event.payment_id, user_id=viewer.id, product_ids=[product])
    await library.command(REVOKE_GAMES, [request])

    play = (await library.run(PLAY, {"id": product}, viewer=viewer))["data"]["play"]
    me = (await library.run(ME, viewer=viewer))["data"]["me"]

    assert (play["__typename"], play["product"]["owned"]) == ("NotOwned", False)
    assert (me["library"]["edges"], me["playHistory"]["totalCount"]) == ([], 0)


async def test_concurrent_plays_all_count(library: SubgraphClient, viewers: Viewers, grant: Any, rows: Any) -> None:
    viewer, product = await viewers.user(), new_id()
    await grant(viewer, product)

    answers = await asyncio.gather(*[library.run(PLAY, {"id": product}, viewer=viewer) for _ in range(30)])

    plays = [answer["data"]["play"] for answer in answers]
    assert {play["__typename"] for play in plays} == {"Play"}
    me = (await library.run(ME, viewer=viewer))["data"]["me"]
    history = me["playHistory"]
    assert {edge["node"]["id"] for edge in history["edges"]} == {play["id"] for play in plays}
    assert (len({play["id"] for play in plays}), history["totalCount"]) == (30, 30)
    assert [game.play_count for game in await rows(viewer.id)] == [30]
    newest = max(play["playedAt"] for play in plays)
    assert me["library"]["edges"][0]["node"] == {"played": True, "lastPlayedAt": newest}


@pytest.mark.parametrize("place", [0, 1, 10, 20])
async def test_a_refund_among_plays_is_either_before_or_after_all_of_them(
    library: SubgraphClient, viewers: Viewers, grant: Any, rows: Any, place: int
) -> None:
    viewer, product = await viewers.user(), new_id()
    event = await grant(viewer, product)
    request = RevokeRequest(refund_id=new_id(), payment_id=event.payment_id, user_id=viewer.id, product_ids=[product])

    race: list[Any] = [library.run(PLAY, {"id": product}, viewer=viewer) for _ in range(20)]
    race.insert(place, library.command(REVOKE_GAMES, [request]))
    answers = await asyncio.gather(*race)

    (outcome,) = answers.pop(place)
    kinds = {answer["data"]["play"]["__typename"] for answer in answers}
    (game,) = await rows(viewer.id)
    if outcome.revoked:
        assert (outcome.revoked, outcome.played, kinds) == ([product], [], {"NotOwned"})
        assert (game.play_count, game.revoked_by, game.live_key) == (0, request.refund_id, None)
    else:
        assert (outcome.played, kinds) == ([product], {"Play"})
        assert (game.play_count, game.revoked_by) == (20, None)
