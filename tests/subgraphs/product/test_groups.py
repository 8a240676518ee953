"""A product's companies and categories as objects, which can be asked for their products."""

from collections.abc import Sequence
from typing import Any

import pytest

from subgraphs.product.models import ProductCategory
from tests.clients import SubgraphClient

PAGE = "edges { node { id } } pageInfo { hasNextPage endCursor } totalCount"
NAMES = """query ($id: ID!) { product(id: $id) {
  developers developedBy { name } publishers publishedBy { name } categories inCategories { name } } }"""
GROUPS = f"""query ($genre: String!, $first: Int!) {{ products(filter: {{genre: $genre}}, first: $first) {{ edges {{ node {{
  id
  developedBy {{ name developed(first: 2) {{ {PAGE} }} published(first: 2) {{ {PAGE} }} }}
  publishedBy {{ name published(first: 2) {{ {PAGE} }} }}
  inCategories {{ name products(first: 2) {{ {PAGE} }} }} }} }} }} }}"""
EACH = f"""query ($genre: String!, $first: Int!) {{ products(filter: {{genre: $genre}}, first: $first) {{ edges {{ node {{
  developedBy {{ developed(first: 2) {{ {PAGE} }} }}
  publishedBy {{ published(first: 2) {{ {PAGE} }} }}
  inCategories {{ products(first: 2) {{ {PAGE} }} }} }} }} }} }}"""
REST = f"""query ($id: ID!, $after: String) {{ product(id: $id) {{
  developedBy {{ developed(first: 100, after: $after) {{ {PAGE} }} }}
  inCategories {{ products(first: 100, after: $after) {{ {PAGE} }} }} }} }}"""


@pytest.fixture
def categorize(sql: Any) -> Any:
    """Puts products into a category."""

    async def put(category: str, *product_ids: str) -> None:
        async with sql("product").transaction() as session:
            session.add_all([ProductCategory(product_id=int(one), category=category) for one in product_ids])

    return put


def ids(connection: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in connection["edges"]]


def is_page(connection: dict[str, Any], of: Sequence[str]) -> bool:
    """Whether it is the first page of two of these products."""
    more, total = connection["pageInfo"]["hasNextPage"], connection["totalCount"]
    return (ids(connection), more, total) == (list(of[:2]), len(of) > 2, len(of))


async def test_companies_and_categories_are_named_as_before(
    product: SubgraphClient, shelve: Any, companies: Any, categorize: Any
) -> None:
    shelf = await shelve({}, {}, {})
    named, by_anonymous, by_nobody = shelf.ids
    await companies(named, "D", "Zed Works", "Able Games")
    await companies(named, "P", "Big House")
    await categorize("Steam Cloud", named)
    await categorize("Co-op", named)
    await companies(by_anonymous, "D", "Anonymous")

    found = (await product.data(NAMES, {"id": named}))["product"]
    assert found["developedBy"] == [{"name": "Zed Works"}, {"name": "Able Games"}]
    assert found["publishedBy"] == [{"name": "Big House"}]
    assert found["inCategories"] == [{"name": "Co-op"}, {"name": "Steam Cloud"}]
    for old, new in {"developers": "developedBy", "publishers": "publishedBy", "categories": "inCategories"}.items():
        assert found[old] == [one["name"] for one in found[new]]
    for product_id in (by_anonymous, by_nobody):
        found = (await product.data(NAMES, {"id": product_id}))["product"]
        assert found["developers"] == ["Anonymous"]
        assert found["developedBy"] == [], "nobody is no company"


async def test_companies_and_categories_know_their_products(
    product: SubgraphClient, shelve: Any, companies: Any, categorize: Any, word: Any
) -> None:
    shelf = await shelve(*[{"positive_reviews": number} for number in range(4)])
    best_first = shelf.ids[::-1]
    studio, house, category = word(), word(), word()
    for product_id in shelf.ids:
        await companies(product_id, "D", studio)
        await categorize(category, product_id)
    for product_id in shelf.ids[:2]:
        await companies(product_id, "P", house, studio)

    games = (await product.data(GROUPS, {"genre": shelf.genre, "first": 4}))["products"]["edges"]

    assert len(games) == 4
    for game in (edge["node"] for edge in games):
        (made_by,) = game["developedBy"]
        assert made_by["name"] == studio
        assert is_page(made_by["developed"], best_first)
        assert is_page(made_by["published"], best_first[2:])
        (in_category,) = game["inCategories"]
        assert in_category["name"] == category
        assert is_page(in_category["products"], best_first)
        published = {one["name"]: one["published"] for one in game["publishedBy"]}
        assert published.keys() == ({house, studio} if game["id"] in shelf.ids[:2] else set())
        assert all(is_page(one, best_first[2:]) for one in published.values())

    after = games[0]["node"]["inCategories"][0]["products"]["pageInfo"]["endCursor"]
    rest = (await product.data(REST, {"id": shelf.ids[0], "after": after}))["product"]
    for connection in (rest["developedBy"][0]["developed"], rest["inCategories"][0]["products"]):
        assert ids(connection) == best_first[2:]


async def test_a_page_costs_the_same_for_two_products_and_for_twenty(
    product: SubgraphClient, shelve: Any, companies: Any, categorize: Any, word: Any, statements: Any, viewers: Any
) -> None:
    developer = await viewers.developer()  # for whom nothing is remembered
    shelf = await shelve(*[{}] * 20)
    for product_id in shelf.ids:
        await companies(product_id, "D", word(), word())
        await companies(product_id, "P", word())
        await categorize(word(), product_id)
    counts = []
    for first in (1, 2, 20):
        async with statements("product") as counted:
            found = (await product.data(EACH, {"genre": shelf.genre, "first": first}, developer))["products"]
        assert len(found["edges"]) == first
        counts.append(counted.count)

    # The list and its products; companies and categories; of each kind a page, its products and the sizes. The first
    # time it is counted, too, how many products have the genre.
    assert counts == [14, 13, 13]
