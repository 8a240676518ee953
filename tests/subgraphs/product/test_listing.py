"""Sorting, paging and filtering the catalogue."""

import base64
import json
from typing import Any

import pytest

from tests.clients import bad_fields

SHELF: list[dict[str, Any]] = [
    {
        "title": title,
        "usd": usd,
        "discount_percent": discount,
        "positive_reviews": positive,
        "negative_reviews": 1,
        "review_score": score,
        "released": released,
        "platforms": platforms,
    }
    for title, usd, discount, positive, score, released, platforms in [
        ("beta", "5", 0, 5, 700, "2020-01-01", 1),
        ("Alpha", "5", 0, 5, 800, None, 2),
        ("alpha 2", "10", 50, 9, 800, "2021-05-05", 3),
        ("Zeta", "0", 0, 0, 0, "2021-05-05", 4),
        ("zeta", "0", 0, 0, 0, None, 7),
        ("Gamma", "59.99", 90, 100, 900, "1999-12-31", 1),
        ("gamma", "59.99", 0, 100, 900, "2024-02-29", 5),
        ("Ωmega", "7.50", 10, 2, 100, None, 2),
    ]
]
# The places in SHELF in each order. Equal products are sorted by id, descending where the order is.
ORDERS = {
    "TITLE": [1, 2, 0, 5, 6, 3, 4, 7],
    "NEWEST": [6, 3, 2, 0, 5, 7, 4, 1],
    "PRICE_LOW": [3, 4, 0, 1, 2, 5, 7, 6],
    "PRICE_HIGH": [6, 7, 5, 2, 1, 0, 4, 3],
    "MOST_REVIEWED": [6, 5, 2, 1, 0, 7, 4, 3],
    "BEST_REVIEWED": [6, 5, 2, 1, 0, 7, 4, 3],
}


@pytest.fixture
async def shelf(shelve: Any, day: Any) -> Any:
    rows = [dict(row) for row in SHELF]
    for row in rows:
        released = row.pop("released")
        row["released_on"] = day(released) if released else None
    return await shelve(*rows)


@pytest.mark.parametrize("sort", ORDERS)
async def test_every_order_in_pages_of_every_size(find: Any, shelf: Any, sort: str) -> None:
    expected = [shelf.ids[place] for place in ORDERS[sort]]

    for first in (100, 8, 7, 3, 2, 1):
        assert await find(shelf, None, sort, first) == expected


async def test_without_a_search_text_relevance_means_most_reviewed(find: Any, shelf: Any) -> None:
    expected = [shelf.ids[place] for place in ORDERS["MOST_REVIEWED"]]

    assert await find(shelf) == expected
    assert await find(shelf, first=3) == expected


@pytest.mark.parametrize(
    ("chosen", "places"),
    [
        ({"maxPoints": 6500}, {0, 1, 2, 3, 4}),
        ({"maxPoints": 0}, {3, 4}),
        ({"onSale": True}, {2, 5, 7}),
        ({"onSale": False}, {0, 1, 3, 4, 6}),
        ({"releasedFrom": "2021-05-05"}, {2, 3, 6}),
        ({"releasedTo": "2020-01-01"}, {0, 5}),
        ({"releasedFrom": "2020-01-01", "releasedTo": "2021-05-05"}, {0, 2, 3}),
        ({"releasedFrom": "2024-02-29", "releasedTo": "2024-02-29"}, {6}),
        ({"platform": "WINDOWS"}, {0, 2, 4, 5, 6}),
        ({"platform": "MAC"}, {1, 2, 4, 7}),
        ({"platform": "LINUX"}, {3, 4, 6}),
        ({"platform": "MAC", "onSale": True, "maxPoints": 6500}, {2}),
    ],
)
async def test_filters(find: Any, shelf: Any, chosen: dict[str, Any], places: set[int]) -> None:
    assert set(await find(shelf, **chosen)) == {shelf.ids[place] for place in places}


async def test_filters_apply_to_every_page(find: Any, shelf: Any) -> None:
    assert await find(shelf, None, "TITLE", 1, platform="WINDOWS") == [shelf.ids[i] for i in (2, 0, 5, 6, 4)]


async def test_filter_by_genre_is_exact(product: Any, shelf: Any, word: Any) -> None:
    query = "query ($g: String) { products(filter: {genre: $g}) { totalCount edges { node { id } } } }"
    for genre, count in ((shelf.genre, 8), (shelf.genre.upper(), 0), (word(), 0), ("", 0), ("'", 0)):
        found = (await product.run(query, {"g": genre}))["data"]["products"]
        assert (found["totalCount"], len(found["edges"])) == (count, count)


async def test_filter_by_developer(find: Any, shelve: Any, companies: Any, word: Any) -> None:
    shelf, studio = await shelve({}, {}, {}), word()
    await companies(shelf.ids[0], "D", "Other", studio)
    await companies(shelf.ids[1], "P", studio)

    assert await find(shelf, developer=studio) == shelf.ids[:1]
    assert await find(shelf, developer=studio.upper()) == []
    # "Anonymous" is the developer of products that name none.
    assert set(await find(shelf, developer="Anonymous")) == set(shelf.ids[1:])


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ("filter: {maxPoints: -1}", "maxPoints"),
        ('filter: {releasedFrom: "2021-01-02", releasedTo: "2021-01-01"}', "releasedFrom"),
        ("first: 0", "first"),
        ("first: 101", "first"),
        ("first: -1", "first"),
    ],
)
async def test_impossible_ranges_are_refused(product: Any, arguments: str, field: str) -> None:
    answer = await product.run(f"{{ products({arguments}) {{ totalCount edges {{ cursor }} }} }}")

    assert bad_fields(answer) == [field]


async def test_a_null_argument_is_the_same_as_none(product: Any, shelf: Any) -> None:
    query = """query ($f: ProductFilter) {
      nulls: products(filter: $f, search: null, sort: null, first: null, after: null) { edges { node { id } } }
      none: products(filter: $f) { edges { node { id } } } }"""

    found = (await product.run(query, {"f": {"genre": shelf.genre, "platform": None, "onSale": None}}))["data"]

    assert len(found["nulls"]["edges"]) == len(shelf.ids)
    assert found["nulls"] == found["none"]


def cursor_of(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize("sort", [*ORDERS, "RELEVANCE"])
@pytest.mark.parametrize(
    "after", ["", "x", "!!!", "é", cursor_of(), cursor_of(1), cursor_of(1, 2, 3), cursor_of([], {})]
)
async def test_malformed_cursors_are_refused(product: Any, sort: str, after: str) -> None:
    query = "query ($s: ProductSort!, $a: String) { products(sort: $s, after: $a) { edges { cursor } } }"

    answer = await product.run(query, {"s": sort, "a": after})

    assert bad_fields(answer) == ["after"]


@pytest.mark.parametrize("value", ["not a date", "2020-13-01", 5])
async def test_a_cursor_with_a_made_up_date_is_refused(product: Any, value: object) -> None:
    query = "query ($a: String) { products(sort: NEWEST, after: $a) { edges { cursor } } }"

    answer = await product.run(query, {"a": cursor_of(value, 5)})

    assert bad_fields(answer) == ["after"]
