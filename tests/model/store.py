"""The store and the model of it, side by side."""

import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.model.api import Api
from tests.model.rules import Person, Rules

SALE_POINTS = 70
SETTLE_SECONDS = 15

TAKEN: Counter[str] = Counter()
"""How often each operation had each outcome."""


class Store(RuleBasedStateMachine):
    """Two plain products, one of which there is one unit, and one with a flash sale of one unit."""

    def __init__(self, api: Api, people: int) -> None:
        super().__init__()
        self.api = api
        self.people = [Person(api.account()) for _ in range(people)]
        published = [api.publish() for _ in range(4)]
        self.products = [product for product, _ in published]
        limited, on_sale = self.products[2:]
        api.limit(limited, 1)
        self.sale = api.sell(on_sale, 1, SALE_POINTS)
        self.model = Rules(dict(published), limited, on_sale, SALE_POINTS, left=1, sale_left=1)

    @invariant()
    def everybody_sees_what_the_rules_say(self) -> None:
        """In a while: events arrive when they do, and refunds are paid back after a second."""
        until = time.monotonic() + SETTLE_SECONDS
        for person in self.people:
            expected = self.model.view(person)
            while (seen := self._view(person)) != expected:
                assert time.monotonic() < until, f"{seen} instead of {expected}"
                time.sleep(0.05)

    # ---- parts of the rules

    def person(self, who: int) -> Person:
        return self.people[who % len(self.people)]

    def do(self, name: str, expected: str, person: Person, **variables: Any) -> dict[str, Any]:
        """What is answered, which must be of the expected type."""
        answer: dict[str, Any] = self.api.do(name, person.account, **variables)
        TAKEN[f"{name}: {answer['__typename']}"] += 1
        assert answer["__typename"] == expected, f"{name} {variables}: {answer} instead of {expected}"
        return answer

    def cart(self, person: Person, picks: Sequence[int], claimed: bool) -> tuple[list[str], str, dict[str, Any]]:
        """Products, a claim on one of them if there is any, and the request for both."""
        products = [self.products[pick] for pick in picks]
        claim = person.live_claim if claimed and self.model.on_sale in products else ""
        wanted = {"productIds": products, "claimIds": [claim] if claim else [], "idempotencyKey": str(uuid.uuid4())}
        return products, claim, wanted

    def _view(self, person: Person) -> dict[str, Any]:
        data = self.api.read(person.account, self.model.limited, self.sale)
        me = {name: value["edges"] for name, value in data["me"].items() if "edges" in value}
        nodes = {name: [edge["node"] for edge in edges] for name, edges in me.items()}
        orders = {order["id"]: (order["state"], order["totalPoints"]) for order in nodes["orders"]}
        return {
            "balance": data["me"]["wallet"]["balance"],
            "wishes": {wish["product"]["id"] for wish in nodes["wishlist"]},
            # A checkout that fails leaves a cancelled order that nobody was told of.
            "orders": {id: seen for id, seen in orders.items() if id in person.orders or seen[0] != "CANCELLED"},
            "payments": {payment["id"]: (payment["state"], payment["amount"]) for payment in nodes["payments"]},
            "library": {game["product"]["id"]: game["played"] for game in nodes["library"]},
            "claims": {claim["id"]: claim["state"] for claim in nodes["claims"]},
            "left": data["product"]["stock"]["remaining"],
            "sale left": data["flashSale"]["remaining"],
        }
