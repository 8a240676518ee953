"""A state machine that runs the store and its model side by side."""

import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.model.api import Api
from tests.model.model import Model, Person

SALE_POINTS = 70
WAIT_SECONDS = 15

OUTCOMES_SEEN: Counter[str] = Counter()
"""How often each operation had each outcome, as `operation: outcome`."""


class StoreMachine(RuleBasedStateMachine):
    """Four products: two plain ones, one with a single unit, one with a flash sale of a single unit."""

    def __init__(self, api: Api, people: int) -> None:
        super().__init__()
        self.api = api
        self.people = [Person(api.account()) for _ in range(people)]
        published = [api.publish() for _ in range(4)]
        self.products = [product for product, _ in published]
        limited, on_sale = self.products[2:]
        api.limit(limited, 1)
        self.sale = api.sell(on_sale, 1, SALE_POINTS)
        self.model = Model(dict(published), limited, on_sale, SALE_POINTS, left=1, sale_left=1)

    @invariant()
    def everybody_sees_what_the_model_says(self) -> None:
        """Waits for it: events take a moment, and refunds are paid after a second."""
        until = time.monotonic() + WAIT_SECONDS
        for person in self.people:
            expected = self.model.view(person)
            while (seen := self._view(person)) != expected:
                assert time.monotonic() < until, f"{seen} instead of {expected}"
                time.sleep(0.05)

    # ---- helpers

    def person(self, who: int) -> Person:
        return self.people[who % len(self.people)]

    def do(self, name: str, expected: str, person: Person, **variables: Any) -> dict[str, Any]:
        """The result of an operation. Fails unless it has the expected outcome."""
        answer: dict[str, Any] = self.api.do(name, person.account, **variables)
        OUTCOMES_SEEN[f"{name}: {answer['__typename']}"] += 1
        assert answer["__typename"] == expected, f"{name} {variables}: {answer} instead of {expected}"
        return answer

    def cart(self, person: Person, picks: Sequence[int], claimed: bool) -> tuple[list[str], str, dict[str, Any]]:
        """The products, the claim to use if there is one, and the request for both."""
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
            # A failed checkout leaves a cancelled order, whose id the client never got.
            "orders": {id: seen for id, seen in orders.items() if id in person.orders or seen[0] != "CANCELLED"},
            "payments": {payment["id"]: (payment["state"], payment["amount"]) for payment in nodes["payments"]},
            "library": {game["product"]["id"]: game["played"] for game in nodes["library"]},
            "claims": {claim["id"]: claim["state"] for claim in nodes["claims"]},
            "left": data["product"]["stock"]["remaining"],
            "sale left": data["flashSale"]["remaining"],
        }
