"""Publishing products and setting discounts: what is allowed, and to whom."""

import asyncio
from typing import Any

import pytest

from subgraphs.product.models import FIRST_PUBLISHED_ID, Product

PUBLISH = """mutation ($input: PublishProductInput!) { publishProduct(input: $input) {
  id title description headerImage releasedOn developers publishers genres { name } platforms
  price { usd regularPoints discountPercent points } } }"""
DISCOUNT = """mutation ($id: ID!, $percent: Int!) { setDiscount(productId: $id, percent: $percent) {
  id price { usd regularPoints discountPercent points } } }"""


def an_input(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Star Garden",
        "description": "Grow stars.",
        "usd": "12.50",
        "genres": ["Indie"],
        "platforms": ["WINDOWS"],
    } | changes


def code_of(answer: dict[str, Any]) -> tuple[str, str | None]:
    extensions = answer["errors"][0]["extensions"]
    return extensions["code"], extensions.get("field")


@pytest.fixture
async def published(product: Any, viewers: Any) -> Any:
    """A developer, and the id of a product of theirs for 12.50 dollars."""
    developer = await viewers.developer()
    answer = await product.run(PUBLISH, {"input": an_input()}, viewer=developer)
    return developer, answer["data"]["publishProduct"]["id"]


async def test_publishing(product: Any, viewers: Any, find: Any, word: Any) -> None:
    one, genre = word(), word()
    given = an_input(
        title=f"  {one}\n Garden ",
        description=" Grow\nstars. ",
        genres=[genre, "Indie", genre],
        platforms=["LINUX", "WINDOWS", "LINUX"],
        releasedOn="2026-02-28",
        headerImage="https://example.com/star.jpg",
    )

    found = (await product.run(PUBLISH, {"input": given}, viewer=await viewers.developer()))["data"]["publishProduct"]

    product_id = found.pop("id")
    assert int(product_id) > FIRST_PUBLISHED_ID
    assert found == {
        "title": f"{one} Garden",
        "description": "Grow\nstars.",
        "headerImage": "https://example.com/star.jpg",
        "releasedOn": "2026-02-28",
        "developers": ["Anonymous"],
        "publishers": [],
        "genres": [{"name": "Indie"}, {"name": genre}],
        "platforms": ["WINDOWS", "LINUX"],
        "price": {"usd": "12.50", "regularPoints": 16250, "discountPercent": 0, "points": 16250},
    }
    assert await find(None, one) == [product_id]
    genres = (await product.run("{ genres { name } }"))["data"]["genres"]
    assert {"name": genre} in genres


async def test_a_genre_takes_the_spelling_that_the_catalogue_has(product: Any, viewers: Any, shelve: Any) -> None:
    shelf, developer = await shelve({}), await viewers.developer()
    given = an_input(genres=[shelf.genre.upper(), shelf.genre])

    found = (await product.run(PUBLISH, {"input": given}, viewer=developer))["data"]["publishProduct"]

    assert found["genres"] == [{"name": shelf.genre}]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", " \n "),
        ("title", "x" * 201),
        ("description", "  "),
        ("description", "x" * 10_001),
        ("usd", "-0.01"),
        ("usd", "10000.01"),
        ("usd", "1.999"),
        ("usd", "1e-400"),
        ("usd", "NaN"),
        ("usd", "sNaN"),
        ("usd", "Infinity"),
        ("usd", "-Infinity"),
        ("genres", []),
        ("genres", [" "]),
        ("genres", ["Indie", ""]),
        ("genres", ["x" * 61]),
        ("genres", [f"genre {i}" for i in range(21)]),
        ("platforms", []),
        ("headerImage", ""),
        ("headerImage", "picture.jpg"),
        ("headerImage", "ftp://example.com/a.jpg"),
        ("headerImage", "javascript:alert(1)"),
        ("headerImage", "https://"),
        ("headerImage", "https://[bad/a.jpg"),
        ("headerImage", "https://example.com/a b.jpg"),
        ("headerImage", "https://example.com/a\n.jpg"),
        ("headerImage", "https://example.com/" + "a" * 500),
    ],
)
async def test_bad_input_is_named_and_publishes_nothing(
    product: Any, viewers: Any, find: Any, word: Any, field: str, value: Any
) -> None:
    one = word()
    given = an_input(description=f"About {one}.") | {field: value}

    answer = await product.run(PUBLISH, {"input": given}, viewer=await viewers.developer())

    assert answer["data"] is None
    assert code_of(answer) == ("BAD_USER_INPUT", field)
    assert await find(None, one) == []


@pytest.mark.parametrize("usd", ["much", "", "1,5", "0x1"])
async def test_a_price_that_is_no_number_is_refused(product: Any, viewers: Any, usd: str) -> None:
    answer = await product.run(PUBLISH, {"input": an_input(usd=usd)}, viewer=await viewers.developer())

    assert code_of(answer)[0] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("usd", "found", "points"),
    [
        ("0", "0.00", 0),
        ("-0", "0.00", 0),
        ("10000", "10000.00", 13_000_000),
        ("1e1", "10.00", 13_000),
        (0.99, "0.99", 1287),
    ],
)
async def test_prices_at_their_limits(product: Any, viewers: Any, usd: Any, found: str, points: int) -> None:
    answer = await product.run(PUBLISH, {"input": an_input(usd=usd)}, viewer=await viewers.developer())

    assert answer["data"]["publishProduct"]["price"] == {
        "usd": found,
        "regularPoints": points,
        "discountPercent": 0,
        "points": points,
    }


async def test_longest_texts(product: Any, viewers: Any) -> None:
    given = an_input(title="星" * 200, description="🌟" * 10_000, genres=[f"genre {i} {'x' * 50}" for i in range(20)])

    answer = await product.run(PUBLISH, {"input": given}, viewer=await viewers.developer())
    product_id = answer["data"]["publishProduct"]["id"]

    query = "query ($id: ID!) { product(id: $id) { title description genres { name } } }"
    found = (await product.run(query, {"id": product_id}))["data"]["product"]
    assert (found["title"], found["description"]) == (given["title"], given["description"])
    assert {genre["name"] for genre in found["genres"]} == set(given["genres"])


async def test_concurrent_publications_add_a_new_genre_once(product: Any, viewers: Any, word: Any, find: Any) -> None:
    genre, developer = word(), await viewers.developer()
    given = {"input": an_input(genres=[genre])}

    answers = await asyncio.gather(*[product.run(PUBLISH, given, viewer=developer) for _ in range(12)])

    ids = {answer["data"]["publishProduct"]["id"] for answer in answers}
    assert len(ids) == 12
    assert set(await find(None, genre=genre)) == ids
    assert (await product.run("{ genres { name } }"))["data"]["genres"].count({"name": genre}) == 1


async def test_who_may_publish(product: Any, viewers: Any) -> None:
    given = {"input": an_input()}

    assert code_of(await product.run(PUBLISH, given)) == ("UNAUTHENTICATED", None)
    assert code_of(await product.run(PUBLISH, given, viewer=await viewers.user())) == ("FORBIDDEN", None)
    assert "errors" not in await product.run(PUBLISH, given, viewer=await viewers.admin())


@pytest.mark.parametrize(
    ("percent", "points"),
    # 16,250 points less 33 % are 10,887.5: rounded half up.
    [(90, 1625), (1, 16088), (33, 10888), (0, 16250)],
)
async def test_a_discount(product: Any, published: Any, percent: int, points: int) -> None:
    developer, product_id = published
    await product.run(DISCOUNT, {"id": product_id, "percent": 50}, viewer=developer)

    answer = await product.run(DISCOUNT, {"id": product_id, "percent": percent}, viewer=developer)

    price = {"usd": "12.50", "regularPoints": 16250, "discountPercent": percent, "points": points}
    assert answer["data"]["setDiscount"] == {"id": product_id, "price": price}
    query = "query ($id: ID!) { product(id: $id) { price { usd regularPoints discountPercent points } } }"
    assert (await product.run(query, {"id": product_id}))["data"]["product"]["price"] == price


@pytest.mark.parametrize("percent", [-1, 91, 100, 2**31 - 1, -(2**31)])
async def test_discounts_out_of_range_are_refused(product: Any, published: Any, sql: Any, percent: int) -> None:
    developer, product_id = published

    answer = await product.run(DISCOUNT, {"id": product_id, "percent": percent}, viewer=developer)

    assert code_of(answer) == ("BAD_USER_INPUT", "percent")
    async with sql("product").reading() as session:
        row = await session.get(Product, int(product_id))
        assert (row.discount_percent, row.points) == (0, 16250)


async def test_who_may_set_a_discount(product: Any, published: Any, viewers: Any, shelve: Any) -> None:
    developer, product_id = published
    of_the_data_set = (await shelve({})).ids[0]
    own, foreign = {"id": product_id, "percent": 10}, {"id": of_the_data_set, "percent": 10}

    assert code_of(await product.run(DISCOUNT, own)) == ("UNAUTHENTICATED", None)
    assert code_of(await product.run(DISCOUNT, own, viewer=await viewers.user())) == ("FORBIDDEN", None)
    assert code_of(await product.run(DISCOUNT, own, viewer=await viewers.developer())) == ("FORBIDDEN", None)
    assert code_of(await product.run(DISCOUNT, foreign, viewer=developer)) == ("FORBIDDEN", None)
    admin = await viewers.admin()
    for variables in (own, foreign):
        assert "errors" not in await product.run(DISCOUNT, variables, viewer=admin)


@pytest.mark.parametrize("product_id", ["12", "abc", "", "-1", "99999999999999999999"])
async def test_a_discount_on_an_unknown_product_is_refused(product: Any, viewers: Any, product_id: str) -> None:
    answer = await product.run(DISCOUNT, {"id": product_id, "percent": 10}, viewer=await viewers.admin())

    assert code_of(answer) == ("NOT_FOUND", None)
