"""What the claim cache answers: only what SQL would decide too, whatever the time is within the bounds."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from subgraphs.stock.claims.cached_sale import CachedSale, claim_of, entry_of
from subgraphs.stock.claims.clock import TimeBounds
from subgraphs.stock.claims.domain import (
    Attempt,
    Claim,
    ClaimBatch,
    ClaimOutcome,
    ClaimState,
    ClaimWithSale,
    LockedSales,
    SaleNotActive,
    SoldOut,
)
from subgraphs.stock.sales.domain import Sale
from tests.unit.stock.values import a_claim, a_sale, at, ids

USERS = "abc"
SECONDS = st.integers(-2, 5)


@dataclass(frozen=True)
class Store:
    """SQL's rows, a cache with no more claims than these, and bounds that the rows' time lies within."""

    sale: Sale
    live: dict[Attempt, Claim]
    cached: CachedSale
    bounds: TimeBounds

    def decide(self, user_id: str) -> ClaimOutcome:
        """SQL's decision. Other users' lapsed claims keep their units until they are taken back."""
        attempt = Attempt(self.sale.id, user_id)
        batch = ClaimBatch(LockedSales({self.sale.id: self.sale}, self.live, ()), timedelta(minutes=5), ids())
        claim = self.live.get(attempt)
        if claim is not None and claim.has_lapsed:
            batch.give_back([claim])
        outcome = batch.decide(attempt)
        assert not isinstance(outcome, Exception)
        return outcome


@st.composite
def stores(draw: st.DrawFn) -> Store:
    """A sale from second 0 on: before, nobody can have a claim on it."""
    now = draw(SECONDS)
    earliest, latest = now - draw(st.integers(0, 1)), now + draw(st.integers(0, 1))
    claims = [
        a_claim(
            user,
            now=now,
            expires=draw(SECONDS),
            stored_state=draw(st.sampled_from([ClaimState.HELD, ClaimState.SOLD])),
            payment_id=draw(st.sampled_from([None, "payment"])),
        )
        for user in sorted(draw(st.sets(st.sampled_from(USERS))) if now >= 0 else ())
    ]
    remaining = draw(st.integers(0, 2))
    sale = a_sale(
        units=len(claims) + remaining,
        remaining=remaining,
        now=now,
        starts=0,
        ends=draw(st.integers(1, 5)),
        cancelled_at=draw(st.sampled_from([None, None, None, at(-5)])),
    )
    in_cache = [claim for claim in claims if draw(st.sampled_from([True, True, False]))]
    entries: dict[str, str | None] = dict.fromkeys(USERS)
    entries |= {claim.user_id: entry_of(claim) for claim in in_cache}
    filled_in = replace(sale, as_of=at(-9), remaining=draw(st.integers(0, sale.units)))
    return Store(
        sale=sale,
        live={claim.owner: claim for claim in claims},
        cached=CachedSale(filled_in, len(in_cache), entries),
        bounds=TimeBounds(at(earliest), at(latest)),
    )


@settings(max_examples=400)
@given(stores(), st.sampled_from(USERS))
def test_an_answer_is_what_sql_would_decide_at_any_time_within_the_bounds(store: Store, user_id: str) -> None:
    answer = store.cached.answer(user_id, store.bounds)
    event(type(answer).__name__)
    if answer is None:
        return
    decided = store.decide(user_id)
    assert type(answer) is type(decided)
    assert answer.sale.state is decided.sale.state or isinstance(answer, ClaimWithSale)
    if isinstance(answer, ClaimWithSale) and isinstance(decided, ClaimWithSale):
        found, stored = answer.claim, decided.claim
        assert (found.id, found.state, found.expires_at) == (stored.id, stored.state, stored.expires_at)


@pytest.mark.parametrize(
    ("starts", "ends", "taken", "expected"),
    [
        (1, 60, 0, SaleNotActive),
        (0, 60, 1, type(None)),
        (-60, 60, 1, SoldOut),
        (-60, 60, 0, type(None)),
        (-60, 0, 1, type(None)),
        (-60, -1, 1, SaleNotActive),
        (-60, -1, 0, type(None)),
    ],
)
def test_a_user_without_an_entry_gets_an_answer_if_nobody_else_can_have_a_claim(
    starts: float, ends: float, taken: int, expected: type
) -> None:
    cached = CachedSale(a_sale(units=1, starts=starts, ends=ends), taken, {"user": None})
    assert type(cached.answer("user", TimeBounds(at(-0.1), at(0.1)))) is expected


def test_a_held_claim_comes_back_from_its_entry_as_it_was() -> None:
    claim = replace(a_claim("user", now=5), created_at=at(1.000001), expires_at=at(300.123456))
    assert claim_of(entry_of(claim), a_sale(now=5), "user") == claim


def test_a_sold_claim_is_in_the_cache_for_sql_to_tell() -> None:
    sold = a_claim(stored_state=ClaimState.SOLD, payment_id="payment")
    assert claim_of(entry_of(sold), a_sale(), "user") is None
