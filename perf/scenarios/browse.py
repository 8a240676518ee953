"""`browse`: a page of 20 game cards for a signed-in user."""

from typing import Any

from perf.scenario import Scenario
from perf.scenarios.readers import reads

CARDS = """query Cards($max: Int!) { products(filter: {maxPoints: $max}, sort: MOST_REVIEWED, first: 20) {
    edges { node { id title price { points } state genres { name } owned } } } }"""
CHEAPEST = 10_000
"""So many points or more may a card cost: then there are enough for a page."""
PRICES = 5000


def _variables(number: int) -> dict[str, Any]:
    return {"max": CHEAPEST + number % PRICES}


def _is_right(data: Any) -> bool:
    nodes = [edge["node"] for edge in data["products"]["edges"]]
    return len(nodes) == 20 and all(isinstance(node["owned"], bool) for node in nodes)


SCENARIO = Scenario("browse", reads(CARDS, _variables, _is_right))
