"""A batch of claims is decided in order of arrival, and never gives out more units than there are."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.errors import NotFound
from subgraphs.stock.claims.domain import (
    Attempt,
    Claim,
    ClaimBatch,
    ClaimState,
    ClaimWithSale,
    LockedSales,
    SaleNotActive,
    SoldOut,
    movements_of,
)
from subgraphs.stock.sales.domain import Sale
from tests.unit.stock.values import a_claim, a_sale, at, ids

LIFETIME = timedelta(minutes=5)
SALES = ("one", "other")
USERS = st.sampled_from("abcdef")
ATTEMPTS = st.lists(st.builds(Attempt, sale_id=st.sampled_from(SALES), user_id=USERS), max_size=20)


@pytest.mark.parametrize(
    ("state", "payment", "follows"),
    [
        (ClaimState.HELD, None, False),
        (ClaimState.HELD, "payment", True),
        (ClaimState.SOLD, "payment", True),
        (ClaimState.RELEASED, "payment", False),
        (ClaimState.EXPIRED, None, False),
    ],
)
def test_a_claim_follows_its_payment_until_it_has_ended(state: ClaimState, payment: str | None, follows: bool) -> None:
    assert a_claim(stored_state=state, payment_id=payment).follows_payment is follows


def batch_of(sales: Sequence[Sale], live: Sequence[Claim] = (), with_lapsed: Collection[str] = ()) -> ClaimBatch:
    locked = LockedSales({sale.id: sale for sale in sales}, {claim.owner: claim for claim in live}, with_lapsed)
    return ClaimBatch(locked, LIFETIME, ids())


@st.composite
def sales_with_claims(draw: st.DrawFn) -> tuple[list[Sale], list[Claim]]:
    """Two sales, each with live claims of some users and at least as many units."""
    owners = {sale_id: draw(st.sets(USERS, max_size=3)) for sale_id in SALES}
    free = {sale_id: draw(st.integers(0, 4)) for sale_id in SALES}
    sales = [a_sale(id, units=len(owners[id]) + free[id], remaining=free[id]) for id in SALES]
    return sales, [a_claim(user, sale_id) for sale_id, users in owners.items() for user in sorted(users)]


@given(sales_with_claims(), ATTEMPTS)
def test_the_first_to_arrive_win_until_the_units_run_out(
    store: tuple[list[Sale], list[Claim]], attempts: list[Attempt]
) -> None:
    sales, live = store
    batch = batch_of(sales, live)
    for attempt in attempts:
        batch.decide(attempt)
    owners = {claim.owner for claim in live}
    arrivals = [attempt for attempt in dict.fromkeys(attempts) if attempt not in owners]
    for sale in sales:
        expected = [attempt for attempt in arrivals if attempt.sale_id == sale.id][: sale.remaining]
        assert [claim.owner for claim in batch.won if claim.sale_id == sale.id] == expected


@given(sales_with_claims(), ATTEMPTS)
def test_every_attempt_of_a_user_on_a_sale_gets_the_same_claim(
    store: tuple[list[Sale], list[Claim]], attempts: list[Attempt]
) -> None:
    sales, live = store
    batch = batch_of(sales, live)
    claims: dict[Attempt, set[str]] = {claim.owner: {claim.id} for claim in live}
    for attempt in attempts:
        outcome = batch.decide(attempt)
        if isinstance(outcome, ClaimWithSale):
            assert outcome.claim.owner == attempt
            assert outcome.claim.is_free
            claims.setdefault(attempt, set()).add(outcome.claim.id)
        else:
            assert isinstance(outcome, SoldOut)
            assert attempt not in claims
    assert all(len(found) == 1 for found in claims.values())


@given(sales_with_claims(), ATTEMPTS)
def test_units_are_exact_and_never_negative(store: tuple[list[Sale], list[Claim]], attempts: list[Attempt]) -> None:
    sales, live = store
    batch = batch_of(sales, live)
    for attempt in attempts:
        outcome = batch.decide(attempt)
        assert not isinstance(outcome, NotFound)
        won = sum(claim.sale_id == attempt.sale_id for claim in batch.won)
        [before] = [sale.remaining for sale in sales if sale.id == attempt.sale_id]
        assert outcome.sale.remaining == before - won >= 0
    wins = Counter(claim.sale_id for claim in batch.won)
    assert batch.movements.changes == {sale: {"remaining": -won, "held": won} for sale, won in wins.items()}


@given(st.integers(0, 3), st.integers(0, 3), ATTEMPTS)
def test_lapsed_claims_that_are_given_back_can_be_won_again(free: int, lapsed: int, attempts: list[Attempt]) -> None:
    ended = [a_claim(f"gone {number}", "one", expires=-1) for number in range(lapsed)]
    sale = a_sale("one", units=free + lapsed, remaining=free)
    attempts = [attempt for attempt in attempts if attempt.sale_id == "one"]
    batch = batch_of([sale], with_lapsed=["one"] if lapsed else [])
    users = len(set(attempts))
    assert batch.needs_lapsed(attempts) == (lapsed > 0 and len(attempts) > free)
    batch.give_back(ended)
    for attempt in attempts:
        batch.decide(attempt)
    assert len(batch.won) == min(users, free + lapsed)


def test_a_users_own_lapsed_claim_is_ended_before_a_new_one() -> None:
    lapsed = a_claim("user", expires=-1)
    batch = batch_of([a_sale(units=1, remaining=0)], [lapsed])
    attempt = Attempt("sale", "user")
    assert batch.lapsed == {lapsed.id}
    assert batch.needs_lapsed([attempt])
    batch.give_back([lapsed])
    outcome = batch.decide(attempt)
    assert isinstance(outcome, ClaimWithSale)
    assert outcome.claim.id != lapsed.id


def test_a_new_claim_lives_from_the_databases_time_on() -> None:
    batch = batch_of([a_sale(now=7)])
    batch.decide(Attempt("sale", "user"))
    [claim] = batch.won
    assert (claim.created_at, claim.expires_at, claim.as_of) == (at(7), at(7) + LIFETIME, at(7))


@pytest.mark.parametrize("times", [{"starts": 1}, {"ends": 0}, {"cancelled_at": at(-1)}])
def test_a_sale_that_is_not_active_sells_nothing_but_its_claims_stay(times: Mapping[str, float]) -> None:
    batch = batch_of([a_sale(**times)], [claim := a_claim("owner")])  # type: ignore[arg-type]
    assert isinstance(batch.decide(Attempt("sale", "user")), SaleNotActive)
    outcome = batch.decide(claim.owner)
    assert isinstance(outcome, ClaimWithSale)
    assert outcome.claim == claim
    assert not batch.won


def test_an_unknown_sale_fails_alone() -> None:
    batch = batch_of([a_sale()])
    assert isinstance(batch.decide(Attempt("nonsense", "user")), NotFound)
    assert isinstance(batch.decide(Attempt("sale", "user")), ClaimWithSale)


@pytest.mark.parametrize(
    ("stored", "payment", "expires", "expected", "is_free"),
    [
        (ClaimState.HELD, None, 1, ClaimState.HELD, True),
        (ClaimState.HELD, None, 0, ClaimState.EXPIRED, False),
        (ClaimState.HELD, "payment", 0, ClaimState.HELD, False),
        (ClaimState.SOLD, "payment", 0, ClaimState.SOLD, False),
        (ClaimState.RELEASED, None, 1, ClaimState.RELEASED, False),
        (ClaimState.EXPIRED, None, 0, ClaimState.EXPIRED, False),
    ],
)
def test_a_claim_expires_by_itself_unless_it_is_in_a_payment(
    stored: ClaimState, payment: str | None, expires: float, expected: ClaimState, is_free: bool
) -> None:
    claim = a_claim(stored_state=stored, payment_id=payment, expires=expires)
    assert (claim.state, claim.is_free) == (expected, is_free)


def test_units_of_claims_move_from_where_they_are() -> None:
    held, sold = a_claim("a"), replace(a_claim("b"), stored_state=ClaimState.SOLD)
    assert movements_of([held, sold], "remaining").changes == {"sale": {"remaining": 2, "held": -1, "sold": -1}}
    assert movements_of([held], "sold").changes == {"sale": {"held": -1, "sold": 1}}
