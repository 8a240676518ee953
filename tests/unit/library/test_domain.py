"""What a play does, and which games refunds take back."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from subgraphs.contracts.library import RevokeOutcome, RevokeRequest
from subgraphs.library.domain import Game, Line, Revocations, decide_revocations, live_key

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
PRODUCTS = ("a", "b", "c")


def game(product_id: str, play_count: int = 0, revoked_by: str | None = None) -> Game:
    return Game(
        id=f"game of {product_id}",
        user_id="ada",
        product_id=product_id,
        payment_id="payment",
        acquired_at=NOW,
        play_count=play_count,
        revoked_by=revoked_by,
    )


def refund(refund_id: str, *product_ids: str) -> RevokeRequest:
    return RevokeRequest(refund_id=refund_id, payment_id="payment", user_id="ada", product_ids=list(product_ids))


def by_line(games: Iterable[Game]) -> dict[Line, Game]:
    return {one.line: one for one in games}


def applied(games: dict[Line, Game], revocations: Revocations) -> dict[Line, Game]:
    """The games once a decision has been written."""
    refunds = revocations.refunds
    return by_line(replace(one, revoked_by=refunds.get(one.id, one.revoked_by)) for one in games.values())


libraries = st.tuples(
    *[
        st.one_of(
            st.builds(game, st.just(product), play_count=st.integers(0, 2)),
            st.builds(game, st.just(product), revoked_by=st.sampled_from(("r1", "r2", "earlier"))),
        )
        for product in PRODUCTS
    ]
).map(by_line)
refunds = st.lists(
    st.builds(
        lambda refund_id, products: refund(refund_id, *products),
        st.sampled_from(("r1", "r2", "r3")),
        st.lists(st.sampled_from(PRODUCTS), max_size=5),
    ),
    max_size=6,
)


def test_a_revoked_game_has_no_live_key() -> None:
    assert game("a").live_key == live_key("ada", "a")
    assert game("a", revoked_by="r1").live_key is None


def test_a_play_is_of_its_game() -> None:
    play = game("a").play("play", NOW)

    assert (play.id, play.user_id, play.product_id, play.game_id) == ("play", "ada", "a", "game of a")
    assert play.played_at == NOW


def test_of_two_refunds_of_one_game_the_first_gets_it() -> None:
    decided = decide_revocations([refund("r1", "a"), refund("r2", "a", "b")], by_line([game("a"), game("b")]))

    assert decided.outcomes == [RevokeOutcome(revoked=["a"], played=[]), RevokeOutcome(revoked=["b"], played=[])]
    assert decided.refunds == {"game of a": "r1", "game of b": "r2"}


@given(libraries, refunds)
def test_only_unplayed_games_that_no_refund_has_are_revoked(
    games: dict[Line, Game], requests: list[RevokeRequest]
) -> None:
    decided = decide_revocations(requests, games)

    free = {one.id for one in games.values() if not one.is_played and one.revoked_by is None}
    assert decided.refunds.keys() <= free


@given(libraries, refunds)
def test_each_game_goes_to_one_refund_at_most(games: dict[Line, Game], requests: list[RevokeRequest]) -> None:
    decided = decide_revocations(requests, games)

    after = applied(games, decided)
    for request, outcome in zip(requests, decided.outcomes, strict=True):
        holders = {after[Line("payment", product)].revoked_by for product in outcome.revoked}
        assert holders <= {request.refund_id}
        assert all(after[Line("payment", product)].is_played for product in outcome.played)
        assert len(set(outcome.revoked + outcome.played)) == len(outcome.revoked + outcome.played)
        assert set(outcome.revoked + outcome.played) <= set(request.product_ids)


@given(libraries, refunds)
def test_the_same_refunds_again_get_the_same_answers_and_change_nothing(
    games: dict[Line, Game], requests: list[RevokeRequest]
) -> None:
    first = decide_revocations(requests, games)

    again = decide_revocations(requests, applied(games, first))

    assert again == Revocations(outcomes=first.outcomes, refunds={})


@given(libraries, refunds)
def test_a_batch_decides_as_its_requests_would_one_by_one(
    games: dict[Line, Game], requests: list[RevokeRequest]
) -> None:
    one_by_one = []
    left = games
    for request in requests:
        decided = decide_revocations([request], left)
        one_by_one += decided.outcomes
        left = applied(left, decided)

    together = decide_revocations(requests, games)

    assert together.outcomes == one_by_one
    assert applied(games, together) == left
