"""Cursors that a client has made up: decoded, their values have the wrong types for their list."""

import base64
import json

import pytest

from tests.clients import Client, Viewers, bad_fields

# How each list is asked for, and a cursor of the right form for it.
LISTS: dict[str, list[object]] = {
    "products(sort: TITLE, after: $after) { totalCount }": ["A", 1],
    "products(sort: PRICE_LOW, after: $after) { totalCount }": [1, 1],
    "products(sort: NEWEST, after: $after) { totalCount }": ["2020-01-01", 1],
    "products(sort: BEST_REVIEWED, after: $after) { totalCount }": [1, 1],
    'products(search: "a game", after: $after) { totalCount }': [1, 1],
    "flashSales(after: $after) { totalCount }": ["x"],
    "me { wishlist(after: $after) { totalCount } }": ["x"],
    "me { orders(after: $after) { totalCount } }": ["x"],
    "me { payments(after: $after) { totalCount } }": ["x"],
    "me { wallet { entries(after: $after) { totalCount } } }": [1],
    "me { claims(after: $after) { totalCount } }": ["x"],
    "me { library(after: $after) { totalCount } }": ["x"],
    "me { playHistory(after: $after) { totalCount } }": ["x"],
}


def cursor(values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize("asked", LISTS)
async def test_values_of_other_types_are_refused(store_client: Client, viewers: Viewers, asked: str) -> None:
    viewer, query, right = await viewers.user(), f"query($after: String) {{ {asked} }}", LISTS[asked]
    swapped = [str(value) if isinstance(value, int) else 1 for value in right]
    values: list[object] = [None, True, 1.5, []]
    wrongs: list[object] = [swapped, *([value] * len(right) for value in values), {}, right[:-1]]
    for wrong in wrongs:
        answer = await store_client.run(query, {"after": cursor(wrong)}, viewer)
        assert bad_fields(answer) == ["after"]
    assert "errors" not in await store_client.run(query, {"after": cursor(right)}, viewer)
