"""A product's fields, how entities are resolved, and how many statements that takes."""

from typing import Any

import pytest

from subgraphs.product.models import (
    ProductCategory,
    ProductCompany,
    ProductLanguage,
    ProductMedia,
    ProductTag,
)

WHOLE = """query ($id: ID!) { product(id: $id) { id title description headerImage releasedOn developers
  publishers genres { name } platforms positiveReviews negativeReviews
  price { usd regularPoints discountPercent points } tags { name votes } categories languages { name fullAudio } screenshots movies } }"""
EVERYTHING = """query ($genre: String!, $first: Int!) { products(filter: {genre: $genre}, first: $first) {
  edges { node { id title price { points } developers publishers genres { name } tags { name } categories
  languages { name } screenshots movies } } } }"""
ENTITIES = """query ($r: [_Any!]!) { _entities(representations: $r) {
  ... on Product { id title price { discountPercent } genres { name } } } }"""


async def test_a_whole_product(product: Any, shelve: Any, sql: Any, day: Any) -> None:
    shelf = await shelve(
        {
            "title": "Galactic Chess",
            "description": "Chess,\nin space.",
            "header_image": "https://example.com/1.jpg",
            "released_on": day("2008-10-21"),
            "usd": "19.99",
            "discount_percent": 33,
            "platforms": 5,
            "positive_reviews": 7,
            "negative_reviews": 3,
        }
    )
    key = int(shelf.ids[0])
    async with sql("product").transaction() as session:
        session.add_all(
            [
                ProductCompany(product_id=key, kind="D", position=0, name="Zed Works"),
                ProductCompany(product_id=key, kind="D", position=1, name="Able Games"),
                ProductCompany(product_id=key, kind="P", position=0, name="Big House"),
                ProductTag(product_id=key, tag="Few", votes=1),
                ProductTag(product_id=key, tag="Many", votes=90),
                ProductCategory(product_id=key, category="Single-player"),
                ProductLanguage(product_id=key, language="English", full_audio=True),
                ProductLanguage(product_id=key, language="Korean", full_audio=False),
                ProductMedia(product_id=key, kind="S", position=1, url="https://example.com/b.jpg"),
                ProductMedia(product_id=key, kind="S", position=0, url="https://example.com/c.jpg"),
                ProductMedia(product_id=key, kind="M", position=0, url="https://example.com/a.mp4"),
            ]
        )

    assert (await product.run(WHOLE, {"id": shelf.ids[0]}))["data"]["product"] == {
        "id": shelf.ids[0],
        "title": "Galactic Chess",
        "description": "Chess,\nin space.",
        "headerImage": "https://example.com/1.jpg",
        "releasedOn": "2008-10-21",
        "developers": ["Zed Works", "Able Games"],
        "publishers": ["Big House"],
        "genres": [{"name": shelf.genre}],
        "platforms": ["WINDOWS", "LINUX"],
        "positiveReviews": 7,
        "negativeReviews": 3,
        # 19.99 x 1,300 = 25,987; less 33 % = 17,411.29
        "price": {"usd": "19.99", "regularPoints": 25987, "discountPercent": 33, "points": 17411},
        "tags": [{"name": "Many", "votes": 90}, {"name": "Few", "votes": 1}],
        "categories": ["Single-player"],
        "languages": [{"name": "English", "fullAudio": True}, {"name": "Korean", "fullAudio": False}],
        "screenshots": ["https://example.com/c.jpg", "https://example.com/b.jpg"],
        "movies": ["https://example.com/a.mp4"],
    }


async def test_a_product_with_little_data(product: Any, shelve: Any) -> None:
    shelf = await shelve({"platforms": 0})

    found = (await product.run(WHOLE, {"id": shelf.ids[0]}))["data"]["product"]

    assert found["developers"] == ["Anonymous"]
    assert (found["headerImage"], found["releasedOn"]) == (None, None)
    for empty in ("publishers", "platforms", "tags", "categories", "languages", "screenshots", "movies"):
        assert found[empty] == []


NO_IDS = [
    "",
    "0",
    "-5",
    "abc",
    "1.5",
    " 5",
    "5 ",
    "007",
    "1e3",
    "٣",
    "99999999999999999999",
    "999999999999999999",
    "'",
]


@pytest.mark.parametrize("no_id", NO_IDS)
async def test_an_unknown_id_is_null(product: Any, no_id: str) -> None:
    assert await product.run("query ($id: ID!) { product(id: $id) { title } }", {"id": no_id}) == {
        "data": {"product": None}
    }


async def test_entities_are_in_the_order_of_the_representations(product: Any, shelve: Any, statements: Any) -> None:
    shelf = await shelve(*[{"title": f"Game {i}", "discount_percent": i} for i in range(50)])
    ids = [*reversed(shelf.ids), "abc", shelf.ids[7]]

    async with statements("product") as counted:
        answer = await product.run(ENTITIES, {"r": [{"__typename": "Product", "id": i} for i in ids]})

    assert counted.count == 1
    found = answer["data"]["_entities"]
    assert [entity and entity["id"] for entity in found] == [*reversed(shelf.ids), None, shelf.ids[7]]
    assert [entity["price"]["discountPercent"] for entity in found[:50]] == list(range(49, -1, -1))


async def test_malformed_representations_are_bad_input_and_others_are_resolved(product: Any, shelve: Any) -> None:
    shelf = await shelve({"title": "Fine"})
    malformed: list[dict[str, Any]] = [{"id": no_id} for no_id in [5, 1.5, None, True, [], ["5"], {"id": "5"}]]
    malformed += [{}, {"name": "x"}, {"id": None, "title": "made up"}]
    unknown = [{"id": no_id} for no_id in NO_IDS]
    fine = [
        {"id": shelf.ids[0]},
        {"id": shelf.ids[0], "title": "made up", "info": 1, "cls": 2, "price": None},
    ]

    answer = await product.run(ENTITIES, {"r": [{"__typename": "Product"} | r for r in [*malformed, *unknown, *fine]]})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"] * len(malformed)
    assert [error["path"] for error in answer["errors"]] == [["_entities", index] for index in range(len(malformed))]
    found = answer["data"]["_entities"]
    assert found[:-2] == [None] * (len(malformed) + len(unknown))
    assert [entity["title"] for entity in found[-2:]] == ["Fine", "Fine"]


async def test_a_page_costs_the_same_for_one_product_and_for_fifty(product: Any, shelve: Any, statements: Any) -> None:
    shelf = await shelve(*[{"title": f"Game {i}"} for i in range(50)])
    counts = []
    for first in (1, 50):
        async with statements("product") as counted:
            answer = await product.run(EVERYTHING, {"genre": shelf.genre, "first": first})
        assert len(answer["data"]["products"]["edges"]) == first
        counts.append(counted.count)

    # The list, its products with their genres, and one statement for each kind of link: companies, tags, categories,
    # languages, media. At first, how many products the genre has.
    assert counts == [8, 7]


async def test_what_is_not_selected_is_not_read(product: Any, shelve: Any, statements: Any, viewers: Any) -> None:
    shelf, developer = await shelve({}, {}), await viewers.developer()  # for whom nothing is remembered
    query = "query ($g: String) {{ products(filter: {{genre: $g}}) {{ {} }} }}"
    await product.run(query.format("totalCount"), {"g": shelf.genre}, developer)
    page = 2  # the list, and its products with their genres
    for selection, count in (
        ("edges { node { id title } }", page),
        ("totalCount edges { node { id } }", page + 1),
        ("edges { node { id description } }", page + 1),
    ):
        async with statements("product") as counted:
            answer = await product.run(query.format(selection), {"g": shelf.genre}, developer)
        assert len(answer["data"]["products"]["edges"]) == 2
        assert counted.count == count


async def test_genres_with_their_products(product: Any, shelve: Any, statements: Any, viewers: Any) -> None:
    developer = await viewers.developer()  # for whom nothing is remembered
    shelves = [await shelve(*[{"positive_reviews": i} for i in range(size)]) for size in (3, 1, 2)]
    query = """query ($a: String) { genres { name products(first: 2, after: $a) {
      edges { cursor node { id genres { name } } } pageInfo { hasNextPage endCursor } totalCount } } }"""

    async with statements("product") as counted:
        genres = (await product.run(query, viewer=developer))["data"]["genres"]

    assert counted.count == 4  # all genres; a page of each; the products, with the links back; the sizes
    names = [genre["name"] for genre in genres]
    assert names == sorted(names)
    by_name = {genre["name"]: genre["products"] for genre in genres}
    for shelf in shelves:
        found = by_name[shelf.genre]
        assert [edge["node"]["id"] for edge in found["edges"]] == shelf.ids[::-1][:2]
        assert found["pageInfo"]["hasNextPage"] is (len(shelf.ids) > 2)
        assert found["totalCount"] == len(shelf.ids)

    after = by_name[shelves[0].genre]["pageInfo"]["endCursor"]
    answer = await product.run(query, {"a": after}, developer)
    rest = {genre["name"]: genre["products"] for genre in answer["data"]["genres"]}
    assert [edge["node"]["id"] for edge in rest[shelves[0].genre]["edges"]] == shelves[0].ids[:1]


async def test_pages_of_one_genre_do_not_mix(product: Any, shelve: Any) -> None:
    shelf = await shelve({"positive_reviews": 1}, {"positive_reviews": 2})
    query = """query ($id: ID!) { product(id: $id) { genres { name
      one: products(first: 1) { edges { node { id } } }
      two: products(first: 2) { edges { node { id } } } } } }"""

    (genre,) = (await product.run(query, {"id": shelf.ids[0]}))["data"]["product"]["genres"]

    assert [edge["node"]["id"] for edge in genre["one"]["edges"]] == shelf.ids[1:]
    assert [edge["node"]["id"] for edge in genre["two"]["edges"]] == shelf.ids[::-1]
