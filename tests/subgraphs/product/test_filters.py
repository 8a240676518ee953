"""Filters by several names, by price and by review score."""

from typing import Any

import pytest

from tests.clients import bad_fields

SHELF = [
    {"usd": "0", "review_score": 0},
    {"usd": "5", "review_score": 700_000},
    {"usd": "10", "discount_percent": 50, "review_score": 849_999},
    {"usd": "59.99", "review_score": 850_000},
]
LINKS = [
    {"tags": "Cute", "categories": "Solo", "languages": "Latin"},
    {"tags": "Cute Hard", "categories": "Solo Duo", "languages": "Latin Greek"},
    {"tags": "Hard", "categories": "Duo", "languages": "Greek"},
    {},
]


@pytest.fixture
async def shelf(shelve: Any, link: Any) -> Any:
    made = await shelve(*SHELF)
    for product_id, links in zip(made.ids, LINKS, strict=True):
        await link(product_id, **links)
    return made


@pytest.mark.parametrize(
    ("chosen", "places"),
    [
        ({"minPoints": 1}, {1, 2, 3}),
        ({"minPoints": 6500, "maxPoints": 6500}, {1, 2}),
        ({"minReviewScore": 85}, {3}),
        ({"minReviewScore": 70}, {1, 2, 3}),
        ({"minReviewScore": 0}, {0, 1, 2, 3}),
        ({"tags": {"any": ["Cute"]}}, {0, 1}),
        ({"tags": {"any": ["Cute", "Hard", "Cute"]}}, {0, 1, 2}),
        ({"tags": {"all": ["Cute", "Hard"]}}, {1}),
        ({"tags": {"any": ["Cute"], "all": ["Hard"]}}, {1}),
        ({"tags": {"any": ["cute"]}}, set()),
        ({"tags": {"any": [], "all": []}}, {0, 1, 2, 3}),
        ({"tags": {}}, {0, 1, 2, 3}),
        ({"categories": {"any": ["Solo", "Duo"]}, "languages": {"all": ["Greek"]}}, {1, 2}),
        ({"categories": {"all": ["Solo"]}, "maxPoints": 0}, {0}),
        ({"languages": {"any": ["Latin", "Greek"]}, "tags": {"all": ["Hard"]}, "minReviewScore": 80}, {2}),
        ({"languages": {"all": ["Latin", "Klingon"]}}, set()),
    ],
)
@pytest.mark.parametrize("sort", ["RELEVANCE", "PRICE_LOW", "NEWEST"])
async def test_filters(find: Any, shelf: Any, chosen: dict[str, Any], places: set[int], sort: str) -> None:
    wanted = {shelf.ids[place] for place in places}
    assert set(await find(shelf, None, sort, **chosen)) == wanted
    assert set(await find(shelf, "game", sort, first=1, **chosen)) == wanted


async def test_several_genres(find: Any, shelve: Any) -> None:
    one, other = await shelve({}, {}), await shelve({})
    both = {"any": [one.genre, other.genre]}

    assert set(await find(None, genres=both)) == {*one.ids, *other.ids}
    assert set(await find(one, genres=both)) == set(one.ids)
    assert await find(one, genres={"all": [other.genre]}) == []


async def test_a_review_score_is_shown_as_it_is_filtered(product: Any, shelf: Any) -> None:
    query = "query ($g: String) { products(filter: {genre: $g}, sort: PRICE_LOW) { edges { node { reviewScore } } } }"

    found = (await product.data(query, {"g": shelf.genre}))["products"]["edges"]

    assert [edge["node"]["reviewScore"] for edge in found] == [0, 70, 84, 85]


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({"minPoints": -1}, "minPoints"),
        ({"minPoints": 2, "maxPoints": 1}, "minPoints"),
        ({"minReviewScore": 101}, "minReviewScore"),
        ({"minReviewScore": -1}, "minReviewScore"),
        ({"tags": {"any": [str(i) for i in range(21)]}}, "tags"),
        ({"genres": {"any": [str(i) for i in range(11)], "all": [str(i) for i in range(10)]}}, "genres"),
    ],
)
async def test_impossible_and_long_filters_are_refused(product: Any, chosen: dict[str, Any], field: str) -> None:
    answer = await product.run("query ($f: ProductFilter) { products(filter: $f) { totalCount } }", {"f": chosen})

    assert bad_fields(answer) == [field]
