"""Who manages a product, how a discount changes it, and how genres are spelled."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.web.auth import Role, Viewer
from subgraphs.product.domain import Platform, Publication, known_spelling
from subgraphs.product.lists.domain import ProductFilter

GARDEN = Publication(
    title="Star Garden",
    description="Grow stars.",
    usd=Decimal("12.50"),
    genres=["Indie"],
    platforms=[Platform.LINUX, Platform.LINUX],
)


def viewer(user_id: str, *roles: Role) -> Viewer:
    return Viewer(user_id, frozenset({Role.USER, *roles}), "session")


@pytest.mark.parametrize(
    ("who", "manages"),
    [
        (viewer("grace", Role.DEVELOPER), True),
        (viewer("ada", Role.DEVELOPER), False),
        (viewer("ada", Role.ADMIN), True),
        (viewer("ada"), False),
    ],
)
def test_developers_manage_the_products_they_published_and_admins_any(who: Viewer, manages: bool) -> None:
    assert GARDEN.product(1, "grace").is_managed_by(who) is manages


def test_only_admins_manage_a_game_of_the_data_set() -> None:
    game = replace(GARDEN.product(1, "grace"), publisher_id=None)

    assert not game.is_managed_by(viewer("grace", Role.DEVELOPER))
    assert game.is_managed_by(viewer("ada", Role.ADMIN))


def test_a_new_product_has_no_discount_and_no_reviews() -> None:
    product = GARDEN.product(1, "grace")

    assert (product.price.discount_percent, product.price.points) == (0, 16_250)
    assert (product.reviews, product.review_score) == (0, 0)
    assert product.platforms == {Platform.LINUX}


@given(st.integers(0, 90), st.integers(0, 90))
def test_a_discount_replaces_the_one_before(first: int, second: int) -> None:
    product = GARDEN.product(1, "grace")

    assert product.discounted(first).discounted(second) == product.discounted(second)
    assert product.discounted(first).discounted(0) == product


@given(
    st.lists(st.sampled_from(("Action", "action", "ACTION", "Indie", "RPG"))),
    st.sets(st.sampled_from(("Action", "Indie"))),
)
def test_known_genres_keep_their_spelling_and_occur_once(genres: list[str], known: set[str]) -> None:
    spelled = known_spelling(genres, known)

    assert len(spelled) == len(set(spelled))
    assert {name.casefold() for name in spelled} == {name.casefold() for name in genres}
    assert all(name in known for name in spelled if name.casefold() in {one.casefold() for one in known})


@given(st.dates(), st.dates())
def test_a_range_of_days_must_not_be_empty(start: date, end: date) -> None:
    if start <= end:
        assert ProductFilter(released_from=start, released_to=end).released_from == start
        return
    with pytest.raises(BadUserInput):
        ProductFilter(released_from=start, released_to=end)
