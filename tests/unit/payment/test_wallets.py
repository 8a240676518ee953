"""Wallets: postings keep the books, and top-ups stay within their limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.errors import BadUserInput, LimitExceeded
from subgraphs.payment.wallets.domain import (
    MAX_BALANCE,
    MAX_TOP_UP,
    LedgerKind,
    Posting,
    TopUp,
    check_room,
    checked_amount,
    post,
)

USERS = ("ada", "ben", "cleo")
BALANCES = st.fixed_dictionaries({user: st.integers(0, 1000) for user in USERS})
AMOUNTS = st.lists(st.tuples(st.sampled_from(USERS), st.integers(-1000, 1000)), max_size=20)


@given(BALANCES, AMOUNTS)
def test_each_balance_is_the_one_before_it_plus_the_amount(
    balances: dict[str, int], amounts: list[tuple[str, int]]
) -> None:
    postings = [Posting(user, LedgerKind.TOP_UP, amount, f"r:{n}") for n, (user, amount) in enumerate(amounts)]
    before, running = dict(balances), dict(balances)
    posted = post(balances, postings)
    assert [entry.posting for entry in posted] == postings
    for entry in posted:
        running[entry.posting.user_id] += entry.posting.amount
        assert entry.balance_after == running[entry.posting.user_id]
    assert balances == before


def test_a_top_up_posts_its_amount_under_its_own_reference() -> None:
    posting = TopUp(id="t1", user_id="ada", key="k", amount=5).posting
    assert posting == Posting("ada", LedgerKind.TOP_UP, 5, "top-up:t1")


@pytest.mark.parametrize("amount", [-1, 0, MAX_TOP_UP + 1])
def test_an_amount_out_of_range_is_refused(amount: int) -> None:
    with pytest.raises(BadUserInput):
        checked_amount(amount)


@pytest.mark.parametrize("amount", [1, MAX_TOP_UP])
def test_the_smallest_and_the_largest_amount_are_allowed(amount: int) -> None:
    checked_amount(amount)


@given(st.integers(0, MAX_BALANCE), st.integers(1, MAX_TOP_UP))
def test_a_wallet_never_holds_more_than_its_limit(balance: int, amount: int) -> None:
    if balance + amount <= MAX_BALANCE:
        check_room(balance, amount)
    else:
        with pytest.raises(LimitExceeded):
            check_room(balance, amount)
