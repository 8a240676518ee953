"""Editing products: what follows in lists and search, who may, and edits at once."""

import asyncio
from typing import Any

import pytest

from tests.clients import bad_fields
from tests.subgraphs.product.test_publishing import PUBLISH, an_input

EDIT = """mutation ($input: EditProductInput!) { editProduct(input: $input) {
  __typename ... on Product { id title version }
  ... on ProductChanged { message product { title version } } ... on ProductWithdrawn { message } } }"""
READ = """query ($id: ID!) { product(id: $id) {
  title description headerImage releasedOn genres { name } platforms version
  price { usd regularPoints discountPercent points } } }"""


@pytest.fixture
async def developer(viewers: Any) -> Any:
    return await viewers.developer()


@pytest.fixture
def published(product: Any, developer: Any) -> Any:
    """Publishes a product; its id."""

    async def publish(**fields: Any) -> str:
        data = await product.data(PUBLISH, {"input": an_input(**fields)}, developer)
        return str(data["publishProduct"]["id"])

    return publish


@pytest.fixture
def read(product: Any, developer: Any) -> Any:
    async def one(product_id: str) -> Any:
        return (await product.data(READ, {"id": product_id}, developer))["product"]

    return one


@pytest.fixture
def edit(product: Any, developer: Any, read: Any) -> Any:
    """Edits a product as the developer has just seen it; the result."""

    async def change(product_id: str, **fields: Any) -> Any:
        fields = {"version": (await read(product_id))["version"]} | fields
        return (await product.data(EDIT, {"input": {"productId": product_id, **fields}}, developer))["editProduct"]

    return change


async def test_only_given_fields_change(published: Any, read: Any, edit: Any) -> None:
    product_id = await published(releasedOn="2026-02-28", headerImage="https://example.com/a.jpg")
    before = await read(product_id)

    assert (await edit(product_id, usd="20.00", title=None))["__typename"] == "Product"

    after = await read(product_id)
    assert after["price"] == {"usd": "20.00", "regularPoints": 26000, "discountPercent": 0, "points": 26000}
    assert after == before | {"price": after["price"], "version": after["version"]}
    assert after["version"] != before["version"]
    await edit(product_id, releasedOn=None, headerImage=None)
    cleared = await read(product_id)
    assert (cleared["releasedOn"], cleared["headerImage"], cleared["title"]) == (None, None, before["title"])


async def test_search_lists_counts_and_facets_follow_at_once(
    product: Any, published: Any, edit: Any, find: Any, word: Any
) -> None:
    old, new, genre, other = word(), word(), word(), word()
    product_id = await published(title=old, description=f"About {old}.", genres=[genre], platforms=["MAC"])
    counts = """query ($g: String!) { products(filter: {genre: $g}) {
      totalCount facets { platforms { platform products } } edges { node { title } } } }"""
    for name, expected in ((genre, 1), (other, 0)):
        assert (await product.data(counts, {"g": name}))["products"]["totalCount"] == expected

    await edit(product_id, title=new, description=f"About {new}.", genres=[other], platforms=["LINUX"])

    assert await find(None, old) == []
    assert await find(None, new) == [product_id]
    assert (await product.data(counts, {"g": genre}))["products"]["totalCount"] == 0
    found = (await product.data(counts, {"g": other}))["products"]
    assert (found["totalCount"], found["edges"]) == (1, [{"node": {"title": new}}])
    assert {"platform": "LINUX", "products": 1} in found["facets"]["platforms"]
    assert {"platform": "MAC", "products": 0} in found["facets"]["platforms"]


async def test_a_discount_stays_in_percent(product: Any, developer: Any, published: Any, read: Any, edit: Any) -> None:
    product_id = await published(usd="10.00")
    discount = "mutation ($id: ID!) { setDiscount(productId: $id, percent: 50) { id } }"
    await product.data(discount, {"id": product_id}, developer)

    await edit(product_id, usd="20.00")

    assert (await read(product_id))["price"] == {
        "usd": "20.00",
        "regularPoints": 26000,
        "discountPercent": 50,
        "points": 13000,
    }


async def test_all_faults_are_named_and_nothing_changes(
    product: Any, developer: Any, published: Any, read: Any
) -> None:
    product_id = await published()
    before = await read(product_id)
    given = {"productId": product_id, "version": before["version"], "title": " ", "usd": "-1", "genres": []}

    answer = await product.run(EDIT, {"input": given | {"description": "New."}}, viewer=developer)

    assert bad_fields(answer) == ["title", "usd", "genres"]
    assert await read(product_id) == before


async def test_an_edit_of_what_was_changed_meanwhile_is_refused(published: Any, read: Any, edit: Any) -> None:
    product_id = await published()
    seen = (await read(product_id))["version"]
    await edit(product_id, title="Changed meanwhile")

    refused = await edit(product_id, version=seen, title="Too late")

    now = await read(product_id)
    assert refused["__typename"] == "ProductChanged"
    assert refused["product"] == {"title": "Changed meanwhile", "version": now["version"]}
    assert now["title"] == "Changed meanwhile"


async def test_of_edits_at_once_one_wins_and_a_repeated_one_succeeds(published: Any, read: Any, edit: Any) -> None:
    product_id = await published()
    seen = (await read(product_id))["version"]
    edits = [{"title": f"Title {i % 6}", "genres": [f"Genre {i % 6}"]} for i in range(12)]

    answers = await asyncio.gather(*[edit(product_id, version=seen, **fields) for fields in edits])

    won = [i for i, answer in enumerate(answers) if answer["__typename"] == "Product"]
    assert len(won) == 2, "an edit and its repetition"
    assert edits[won[0]] == edits[won[1]]
    after = await read(product_id)
    assert (after["title"], after["genres"]) == (edits[won[0]]["title"], [{"name": edits[won[0]]["genres"][0]}])


async def test_who_may_edit(product: Any, viewers: Any, published: Any, read: Any) -> None:
    product_id = await published()
    given = {"input": {"productId": product_id, "version": (await read(product_id))["version"], "title": "Taken"}}

    assert await product.code(EDIT, given) == "UNAUTHENTICATED"
    for stranger in (await viewers.user(), await viewers.developer()):
        assert await product.code(EDIT, given, stranger) == "FORBIDDEN"
    assert (await read(product_id))["title"] == "Star Garden"
    unknown = {"input": given["input"] | {"productId": "12345678901"}}
    assert await product.code(EDIT, unknown, await viewers.developer()) == "NOT_FOUND"
    edited = await product.data(EDIT, given, await viewers.admin())
    assert edited["editProduct"]["title"] == "Taken"
