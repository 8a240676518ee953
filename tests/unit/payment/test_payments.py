"""Payments: who may pay one, and what charging decides for a batch."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.contracts.payment import PaidLine
from subgraphs.kit.errors import InvalidState, NotFound
from subgraphs.payment.payments.domain import (
    PAID_STATES,
    AlreadyOwned,
    Bill,
    InsufficientPoints,
    Payment,
    PaymentState,
    decide_charges,
    payable,
)

NOW = datetime(2030, 1, 1, tzinfo=UTC)
LIFETIME = timedelta(minutes=5)
USERS = ("ada", "ben")
PRODUCTS = ("chess", "go", "hex")
Wanted = tuple[str, dict[str, int]]
"""A user, and products with their prices in points."""
WANTED = st.tuples(st.sampled_from(USERS), st.dictionaries(st.sampled_from(PRODUCTS), st.integers(0, 50), min_size=1))
BALANCES = st.fixed_dictionaries({user: st.integers(0, 100) for user in USERS})
ENTITLED = st.sets(st.tuples(st.sampled_from(USERS), st.sampled_from(PRODUCTS)))


def bill(payment_id: str, user_id: str, prices: dict[str, int]) -> Bill:
    lines = [PaidLine(product_id=product, points=points) for product, points in prices.items()]
    return Bill.new(payment_id, f"order of {payment_id}", user_id, lines, NOW, LIFETIME, holds_units=False)


def bills_of(wanted: Sequence[Wanted]) -> list[Bill]:
    return [bill(f"p{number}", user, prices) for number, (user, prices) in enumerate(wanted)]


def payment(state: PaymentState, expires_in: timedelta = LIFETIME) -> Payment:
    paid_at = NOW if state in PAID_STATES else None
    return Payment("p", "o", "ada", state, 10, NOW - LIFETIME, NOW + expires_in, paid_at)


class TestCharging:
    @given(st.lists(WANTED, max_size=8), BALANCES, ENTITLED)
    def test_points_are_conserved_and_no_balance_is_negative(
        self, wanted: list[Wanted], balances: dict[str, int], entitled: set[tuple[str, str]]
    ) -> None:
        bills = bills_of(wanted)
        outcomes = decide_charges(bills, balances, entitled, NOW)
        for user in USERS:
            mine = [one for one in bills if one.payment.user_id == user]
            spent = [-one.posting.amount for one in mine if isinstance(outcomes[one.payment.id], Payment)]
            prices = [
                line.points for one in mine for line in one.lines if isinstance(outcomes[one.payment.id], Payment)
            ]
            assert sum(spent) == sum(prices) <= balances[user]

    @given(st.lists(WANTED, max_size=8), BALANCES, ENTITLED)
    def test_nothing_is_bought_twice(
        self, wanted: list[Wanted], balances: dict[str, int], entitled: set[tuple[str, str]]
    ) -> None:
        bills = bills_of(wanted)
        outcomes = decide_charges(bills, balances, entitled, NOW)
        paid = [one for one in bills if isinstance(outcomes[one.payment.id], Payment)]
        bought = [pair for one in paid for pair in one.entitlements]
        assert len(bought) == len(set(bought))
        assert not entitled & set(bought)

    @given(st.lists(WANTED, max_size=8), BALANCES, ENTITLED)
    def test_the_order_of_arrival_decides(
        self, wanted: list[Wanted], balances: dict[str, int], entitled: set[tuple[str, str]]
    ) -> None:
        bills = bills_of(wanted)
        outcomes = decide_charges(bills, balances, entitled, NOW)
        assert list(outcomes) == [one.payment.id for one in bills]
        for count in range(len(bills)):
            first = decide_charges(bills[:count], balances, entitled, NOW)
            assert first == {one.payment.id: outcomes[one.payment.id] for one in bills[:count]}

    @given(st.lists(WANTED, max_size=8), BALANCES, ENTITLED)
    def test_a_refused_bill_says_why(
        self, wanted: list[Wanted], balances: dict[str, int], entitled: set[tuple[str, str]]
    ) -> None:
        bills = bills_of(wanted)
        for one in bills:
            match decide_charges(bills, balances, entitled, NOW)[one.payment.id]:
                case Payment() as paid:
                    assert (paid.state, paid.paid_at) == (PaymentState.PAID, NOW)
                case AlreadyOwned(product_ids):
                    assert product_ids
                    assert set(product_ids) <= {line.product_id for line in one.lines}
                case InsufficientPoints(required, balance):
                    assert required == one.payment.amount
                    assert balance < required

    def test_the_second_of_two_bills_of_one_product_is_owned_already(self) -> None:
        bills = [bill("p1", "ada", {"chess": 10}), bill("p2", "ada", {"go": 5, "chess": 10})]
        outcomes = decide_charges(bills, {"ada": 100}, set(), NOW)
        assert isinstance(outcomes["p1"], Payment)
        assert outcomes["p2"] == AlreadyOwned(["chess"])

    def test_a_refused_bill_takes_nothing_from_those_after_it(self) -> None:
        bills = [bill("p1", "ada", {"chess": 60}), bill("p2", "ada", {"go": 50}), bill("p3", "ada", {"go": 40})]
        outcomes = decide_charges(bills, {"ada": 100}, set(), NOW)
        assert outcomes["p2"] == InsufficientPoints(required=50, balance=40)
        assert isinstance(outcomes["p3"], Payment)

    def test_a_bill_of_nothing_is_paid_with_an_empty_wallet(self) -> None:
        assert isinstance(decide_charges([bill("p", "ada", {"free": 0})], {"ada": 0}, set(), NOW)["p"], Payment)

    def test_each_payment_has_a_reference_of_its_own(self) -> None:
        references = [one.posting.reference for one in bills_of([("ada", {"go": 1})] * 3)]
        assert all(one != other for one, other in pairwise(sorted(references)))


class TestPayable:
    @pytest.mark.parametrize("found", [None, Bill(payment(PaymentState.READY), [])])
    def test_a_payment_of_somebody_else_is_not_found(self, found: Bill | None) -> None:
        assert isinstance(payable(found, "ben", NOW), NotFound)

    @pytest.mark.parametrize("state", sorted(PAID_STATES, key=str))
    def test_a_paid_one_stays_as_it_is(self, state: PaymentState) -> None:
        paid = payment(state, expires_in=-LIFETIME)
        assert payable(Bill(paid, []), "ada", NOW) is paid

    def test_a_ready_one_can_be_paid_until_it_expires(self) -> None:
        ready = payment(PaymentState.READY, expires_in=timedelta(microseconds=1))
        assert payable(Bill(ready, []), "ada", NOW) is ready
        assert isinstance(payable(Bill(ready, []), "ada", ready.expires_at), InvalidState)

    @pytest.mark.parametrize(("state", "text"), [("CANCELLED", "was cancelled"), ("EXPIRED", "has expired")])
    def test_one_that_has_ended_says_how(self, state: str, text: str) -> None:
        error = payable(Bill(payment(PaymentState(state)), []), "ada", NOW)
        assert isinstance(error, InvalidState)
        assert text in error.message
