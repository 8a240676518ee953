"""What a product's data may be, and in which form it is stored."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.text import UNSEEN
from subgraphs.product import validation
from subgraphs.product.domain import Platform, Publication

GARDEN = Publication(
    title="Star Garden",
    description="Grow stars.",
    usd=Decimal("12.50"),
    genres=["Indie"],
    platforms=[Platform.LINUX],
    header_image="https://example.com/star.jpg",
)


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_a_price_is_0_to_10_000_dollars_in_cents(value: Decimal) -> None:
    is_price = value.is_finite() and 0 <= value <= 10_000 and value == round(value, 2)
    if is_price:
        assert validation.usd(value) == value
        assert validation.usd(value).as_tuple().exponent == -2
        return
    with pytest.raises(BadUserInput) as refused:
        validation.usd(value)
    assert refused.value.details["field"] == "usd"


@given(st.integers(1, 999_999_999_999_999_999))
def test_a_product_id_is_a_number(number: int) -> None:
    assert validation.product_number(str(number)) == number


@pytest.mark.parametrize("product_id", ["", "0", "-5", "007", "1.5", " 5", "5\n", "٣", "1" * 19, 5, None, ["5"]])
def test_what_is_no_product_id(product_id: object) -> None:
    assert validation.product_number(product_id) is None


@given(st.text(st.characters(exclude_categories=UNSEEN), max_size=210))
def test_a_title_is_1_to_200_characters_on_one_line(value: str) -> None:
    words = value.split()
    if not 1 <= len(" ".join(words)) <= 200:
        with pytest.raises(BadUserInput):
            validation.title(value)
        return
    assert validation.title(value).split() == words


@given(st.lists(st.sampled_from([f"genre {i}" for i in range(25)]), max_size=40))
def test_a_product_has_1_to_20_different_genres(genres: list[str]) -> None:
    if not 1 <= len(set(genres)) <= 20:
        with pytest.raises(BadUserInput):
            validation.genres(genres)
        return
    assert validation.genres([f" {name}\n" for name in genres]) == list(dict.fromkeys(genres))


@given(st.integers())
def test_a_discount_is_0_to_90_percent(percent: int) -> None:
    if 0 <= percent <= 90:
        assert validation.discount_percent(percent) == percent
        return
    with pytest.raises(BadUserInput):
        validation.discount_percent(percent)


def test_a_valid_publication_is_stored_as_it_is() -> None:
    assert validation.publication(GARDEN) == GARDEN


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("title", " ", "title"),
        ("description", "\n", "description"),
        ("usd", Decimal("-1"), "usd"),
        ("genres", ["x" * 61], "genres"),
        ("platforms", [], "platforms"),
        ("header_image", "javascript:alert(1)", "headerImage"),
    ],
)
def test_the_field_that_is_bad_is_named(field: str, value: Any, named: str) -> None:
    with pytest.raises(BadUserInput) as refused:
        validation.publication(replace(GARDEN, **{field: value}))
    assert [one.field for one in refused.value.fields] == [named]


def test_all_bad_fields_are_named_together() -> None:
    bad: dict[str, Any] = {
        "title": " ",
        "description": "",
        "usd": Decimal("NaN"),
        "genres": [],
        "platforms": [],
        "header_image": "x",
    }
    with pytest.raises(BadUserInput) as refused:
        validation.publication(replace(GARDEN, **bad))
    named = {one.field for one in refused.value.fields}
    assert named == {"title", "description", "usd", "genres", "platforms", "headerImage"}
