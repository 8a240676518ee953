"""Libraries, play histories and `owned`: what they show, and to whom."""

from datetime import datetime
from typing import Any

import pytest

from subgraphs.kit.database.columns import new_id
from tests.clients import SubgraphClient, Viewers

LIBRARY = """query ($first: Int! = 20, $after: String) { me { id library(first: $first, after: $after) {
  edges { cursor node { product { id owned } acquiredAt played lastPlayedAt } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } } }"""
HISTORY = """query ($first: Int! = 20, $after: String) { me { playHistory(first: $first, after: $after) {
  edges { node { id product { id } playedAt } } pageInfo { hasNextPage endCursor } totalCount } } }"""
OWNED = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Product { id owned } } }"
PLAY = "mutation ($id: ID!) { play(productId: $id) { __typename } }"


def products(answer: dict[str, Any]) -> list[str]:
    return [edge["node"]["product"]["id"] for edge in answer["data"]["me"]["library"]["edges"]]


async def test_a_paid_game_is_in_the_library(library: SubgraphClient, viewers: Viewers, grant: Any) -> None:
    viewer, product = await viewers.user(), new_id()
    event = await grant(viewer, product)

    found = (await library.run(LIBRARY, viewer=viewer))["data"]["me"]

    assert found["id"] == viewer.id
    assert found["library"]["totalCount"] == 1
    node = found["library"]["edges"][0]["node"]
    assert datetime.fromisoformat(node.pop("acquiredAt")) == event.paid_at
    assert node == {"product": {"id": product, "owned": True}, "played": False, "lastPlayedAt": None}


async def test_an_empty_library(library: SubgraphClient, viewers: Viewers) -> None:
    found = (await library.run(LIBRARY, viewer=await viewers.user()))["data"]["me"]["library"]

    assert (found["edges"], found["totalCount"]) == ([], 0)
    assert found["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


async def test_pages_hold_every_game_once_the_newest_first(
    library: SubgraphClient, viewers: Viewers, grant: Any
) -> None:
    viewer, ids = await viewers.user(), [new_id() for _ in range(5)]
    for product in ids:
        await grant(viewer, product)

    seen: list[str] = []
    variables: dict[str, Any] = {"first": 2}
    for has_next in (True, True, False):
        answer = await library.run(LIBRARY, variables, viewer=viewer)
        info = answer["data"]["me"]["library"]["pageInfo"]
        assert info["hasNextPage"] is has_next
        assert info["hasPreviousPage"] is bool(seen)
        seen += products(answer)
        variables["after"] = info["endCursor"]

    assert seen == ids[::-1]


async def test_pages_of_the_play_history(library: SubgraphClient, viewers: Viewers, grant: Any) -> None:
    viewer, ids = await viewers.user(), [new_id() for _ in range(2)]
    await grant(viewer, *ids)
    for product in [*ids, ids[0]]:
        await library.run(PLAY, {"id": product}, viewer=viewer)

    first = (await library.run(HISTORY, {"first": 2}, viewer=viewer))["data"]["me"]["playHistory"]
    after = first["pageInfo"]["endCursor"]
    rest = (await library.run(HISTORY, {"after": after}, viewer=viewer))["data"]["me"]["playHistory"]

    nodes = [edge["node"] for edge in first["edges"] + rest["edges"]]
    assert [node["product"]["id"] for node in nodes] == [ids[0], ids[1], ids[0]]
    assert len({node["id"] for node in nodes}) == 3
    assert [node["playedAt"] for node in nodes] == sorted((n["playedAt"] for n in nodes), reverse=True)
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert rest["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize("variables", [{"first": 0}, {"first": 101}, {"after": "nonsense"}])
@pytest.mark.parametrize("query", [LIBRARY, HISTORY])
async def test_page_requests_out_of_range_are_refused(
    library: SubgraphClient, viewers: Viewers, query: str, variables: dict[str, Any]
) -> None:
    answer = await library.run(query, variables, viewer=await viewers.user())

    extensions = answer["errors"][0]["extensions"]
    assert (extensions["code"], extensions["field"]) == ("BAD_USER_INPUT", next(iter(variables)))


async def test_me_needs_no_statement(library: SubgraphClient, viewers: Viewers, statements: Any) -> None:
    viewer = await viewers.user()
    async with statements("library") as counted:
        answer = await library.run("{ me { id } }", viewer=viewer)

    assert answer["data"]["me"]["id"] == viewer.id
    assert counted.count == 0


@pytest.mark.parametrize("query", ["{ me { id } }", PLAY])
async def test_a_visitor_must_sign_in(library: SubgraphClient, query: str) -> None:
    variables = {"id": new_id()} if query == PLAY else {}
    answer = await library.run(query, variables)

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("field", ["library", "playHistory"])
async def test_a_library_is_for_its_owner_and_admins_only(
    library: SubgraphClient, viewers: Viewers, grant: Any, field: str
) -> None:
    owner, product = await viewers.user(), new_id()
    await grant(owner, product)
    await library.run(PLAY, {"id": product}, viewer=owner)
    query = f"""query ($r: [_Any!]!) {{ _entities(representations: $r) {{
      ... on User {{ {field} {{ totalCount edges {{ node {{ product {{ id }} }} }} }} }} }} }}"""
    asked = {"r": [{"__typename": "User", "id": owner.id}]}

    for stranger, code in (
        (await viewers.user(), "FORBIDDEN"),
        (await viewers.developer(), "FORBIDDEN"),
        (None, "UNAUTHENTICATED"),
    ):
        answer = await library.run(query, asked, viewer=stranger)
        assert answer["errors"][0]["extensions"]["code"] == code
        assert product not in str(answer)

    for reader in (owner, await viewers.admin()):
        answer = await library.run(query, asked, viewer=reader)
        found = answer["data"]["_entities"][0][field]
        assert found == {"totalCount": 1, "edges": [{"node": {"product": {"id": product}}}]}


async def test_owned_is_about_the_viewer(library: SubgraphClient, viewers: Viewers, grant: Any) -> None:
    owner, other = await viewers.user(), await viewers.user()
    mine, unknown = new_id(), new_id()
    await grant(owner, mine)
    asked = {"r": [{"__typename": "Product", "id": product} for product in (unknown, mine, mine)]}

    for viewer, expected in (
        (owner, [False, True, True]),
        (other, [False, False, False]),
        (await viewers.admin(), [False, False, False]),
        (None, [None, None, None]),
    ):
        answer = await library.run(OWNED, asked, viewer=viewer)
        assert [entity["owned"] for entity in answer["data"]["_entities"]] == expected


async def test_owned_takes_one_statement_per_page(
    library: SubgraphClient, viewers: Viewers, grant: Any, statements: Any
) -> None:
    viewer, ids = await viewers.user(), [new_id() for _ in range(50)]
    await grant(viewer, *ids[:25])

    counts = []
    for page in (ids[:25], ids[-1:], ids):
        asked = {"r": [{"__typename": "Product", "id": product} for product in page]}
        async with statements("library") as counted:
            answer = await library.run(OWNED, asked, viewer=viewer)
        counts.append(counted.count)
    assert [entity["owned"] for entity in answer["data"]["_entities"]] == [True] * 25 + [False] * 25
    assert counts == [1, 1, 1]


async def test_a_page_of_the_library_takes_as_many_statements_as_one_game(
    library: SubgraphClient, viewers: Viewers, grant: Any, statements: Any
) -> None:
    viewer = await viewers.user()
    await grant(viewer, *[new_id() for _ in range(50)])

    counts = []
    for first in (1, 50):
        async with statements("library") as counted:
            answer = await library.run(LIBRARY, {"first": first}, viewer=viewer)
        assert len(products(answer)) == first
        counts.append(counted.count)
    assert counts == [3, 3], "the page, its total count, and what is owned of it"
