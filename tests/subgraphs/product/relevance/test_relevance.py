"""Counts the searches that show the wanted game among the first three. The least number may only be raised."""

from tests.clients import Client
from tests.subgraphs.product.relevance.queries import QUERIES

FLOOR = {"embedded": 60, "servers": 60}
"""How many of the queries find their game."""

FIRST = "query ($text: String!) { products(search: $text, first: 3) { edges { node { title } } } }"


async def test_the_game_that_people_mean_is_among_the_first_three(shop_window: Client, engine: str) -> None:
    missed = {}
    for text, wanted in QUERIES.items():
        found = await shop_window.data(FIRST, {"text": text})
        titles = [edge["node"]["title"] for edge in found["products"]["edges"]]
        if wanted not in titles:
            missed[text] = titles

    assert len(QUERIES) == 60
    assert len(QUERIES) - len(missed) >= FLOOR[engine], missed
