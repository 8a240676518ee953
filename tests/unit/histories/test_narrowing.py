"""What a history leaves out, and what it must not leave out."""

from typing import Any

from tests.clients import Account
from tests.histories.checker import Answer, Event, Input
from tests.histories.claims import traced
from tests.histories.events import SECOND, Bounds, fewest
from tests.histories.projection import decided
from tests.histories.recorder import Attempt

ANN = Account("ann", "")
OK = Answer("ok")
BOUNDS = Bounds(payment_lifetime=60, claim_lifetime=60)


def pay(call: int, end: int | None, answer: Answer | None = None) -> Event:
    return Event("wallet", "ann", call, end, Input("pay", id="p", amount=7), answer)


def claim(call: int, end: int | None, kind: str = "") -> Attempt:
    answer = {"__typename": kind, "id": "c"} if kind else None
    return Attempt(ANN, "claim", {"saleId": "s"}, call, end, answer=answer)


def checkout(call: int, end: int | None, answer: Any = None, key: str = "k") -> Attempt:
    return Attempt(ANN, "checkout", {"input": {"idempotencyKey": key}}, call, end, answer=answer)


def test_a_request_that_was_lost_is_the_one_that_succeeded_later() -> None:
    assert fewest([pay(1, None), pay(3, 4, OK)]) == [pay(1, 4, OK)]


def test_requests_that_were_lost_are_one_that_stays_open() -> None:
    poor = Answer("poor", amount=3)
    assert fewest([pay(1, None), pay(2, None), pay(3, 4, poor)]) == [pay(3, 4, poor), pay(1, None)]


def test_repeated_answers_stay() -> None:
    assert fewest([pay(1, 2, OK), pay(3, 4, OK)]) == [pay(1, 2, OK), pay(3, 4, OK)]


def test_what_the_store_does_itself_is_told_once_with_the_widest_bounds() -> None:
    def expire(call: int, end: int) -> Event:
        return Event("order", "o", call, end, Input("expire", id="p"))

    read = Event("order", "o", 1, 20, Input("read"), Answer("READY"))
    assert fewest([expire(4, 9), expire(2, 8), read]) == [expire(2, 9), read]


def test_what_begins_after_the_last_answer_has_not_begun() -> None:
    assert fewest([pay(1, 4, OK), Event("order", "o", 5, 9, Input("expire", id="p"))]) == [pay(1, 4, OK)]


def test_a_checkout_is_decided_between_its_first_call_and_its_first_answer() -> None:
    bought, other = {"__typename": "Payment"}, checkout(2, 3, {"__typename": "Payment"}, key="other")
    attempts = [checkout(1, None), other, checkout(5, 8, bought), checkout(6, 7, bought)]
    assert decided(attempts) == [checkout(1, 7, bought), other]


def test_a_claim_without_an_answer_is_the_one_that_the_user_gets_next() -> None:
    assert traced([claim(1, None), claim(3, 4, "Claim")], BOUNDS) == [claim(1, 4, "Claim")]


def test_a_claim_without_an_answer_was_not_made_if_the_sale_is_sold_out_next() -> None:
    assert traced([claim(1, None), claim(3, 4, "SoldOut")], BOUNDS) == [claim(3, None), claim(3, 4, "SoldOut")]


def test_a_claim_that_may_have_ended_meanwhile_may_have_been_another_one() -> None:
    late, released = 60 * SECOND, Attempt(ANN, "releaseClaim", {"id": "c"}, 2, 3)
    for attempts in (
        [claim(1, None), claim(late, late + 1, "Claim")],
        [claim(1, None), released, claim(4, 5, "Claim")],
    ):
        assert sorted(traced(attempts, BOUNDS), key=lambda one: one.call) == attempts
