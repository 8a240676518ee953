"""`perf me`: what a signed-in user has: points, wishes, orders, claims and games."""

from typing import Any

from perf import reading

ME = """query Me { me { id
    wallet { balance }
    wishlist { edges { node { product { title owned } } } }
    orders { edges { node { state } } }
    claims { edges { node { state } } }
    library { edges { node { product { title } played } } } } }"""


def main(arguments: list[str]) -> int:
    return reading.main(reading.Read("me", ME, lambda number: {}, _is_right), arguments)


def _is_right(data: Any) -> bool:
    me = data["me"]
    found = len(me["library"]["edges"]), len(me["wishlist"]["edges"])
    return found == (reading.OWNED, reading.WISHED)
