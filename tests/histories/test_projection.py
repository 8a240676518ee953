"""What recorded attempts tell about objects."""

from pathlib import Path
from typing import Any

import pytest

from tests.clients import Account
from tests.histories.checker import check
from tests.histories.events import Bounds
from tests.histories.projection import events_of
from tests.histories.recorder import Attempt

pytestmark = pytest.mark.engineless

ANN = Account("ann", "token")
BOUNDS = Bounds(payment_lifetime=3, claim_lifetime=3)
GAME = {"input": {"productIds": ["game"], "idempotencyKey": "k"}}


def _attempt(call: int, end: int, field: str, arguments: dict[str, Any], **answer: Any) -> Attempt:
    return Attempt(ANN, field, arguments, call, end, answer=answer)


PLACED = [
    _attempt(0, 1, "publishProduct", {}, id="game", price={"points": 10}),
    _attempt(2, 3, "placeOrder", GAME, __typename="Order", id="order"),
]


@pytest.mark.parametrize(("until", "verdict"), [(7, "Ok"), (5, "Illegal")])
def test_an_order_is_ordered_while_its_payment_is_refused(until: int, verdict: str, tmp_path: Path) -> None:
    # A start attaches the order before it holds units, and detaches it before it answers that there are none.
    start = _attempt(4, until, "startPayment", {"orderId": "order", "idempotencyKey": "s"}, __typename="OutOfStock")
    during = _attempt(6, 7, "order", {"id": "order"}, state="ORDERED")
    after = _attempt(8, 9, "order", {"id": "order"}, state="READY")
    told = [event for event in events_of([*PLACED, start, during, after], BOUNDS) if event.model == "order"]
    assert [one.result for one in check(told, tmp_path / "histories")] == [verdict]
