"""`me`: what a signed-in user has: points, wishes, orders, claims and games."""

from typing import Any

from perf.scenario import Scenario
from perf.scenarios.readers import OWNED, WISHED, reads

ME = """query Me($orders: Int!) { me { id
    wallet { balance }
    wishlist { edges { node { product { title owned } } } }
    orders(first: $orders) { edges { node { state } } }
    claims { edges { node { state } } }
    library { edges { node { product { title } played } } } } }"""
SIZES = range(20, 40)
"""Of the page of orders, of which each user has one."""


def _variables(number: int) -> dict[str, Any]:
    return {"orders": SIZES[number % len(SIZES)]}


def _is_right(data: Any) -> bool:
    me = data["me"]
    found = len(me["library"]["edges"]), len(me["wishlist"]["edges"])
    return found == (OWNED, WISHED)


SCENARIO = Scenario("me", reads(ME, _variables, _is_right))
