"""Facets: how many products of a list have which value."""

from typing import Any

import pytest

NAMES = "genres { name products } tags { name products } languages { name products }"
FACETS = f"""query ($s: String, $f: ProductFilter) {{ products(search: $s, filter: $f, first: 1) {{ facets {{
  {NAMES} platforms {{ platform products }} prices {{ minPoints maxPoints products }} }} }} }}"""


@pytest.fixture
async def shelf(shelve: Any, link: Any) -> Any:
    made = await shelve(
        {"title": "Brass", "usd": "0", "platforms": 1},
        {"title": "Brass and tin", "usd": "5", "platforms": 3},
        {"title": "Tin", "usd": "5.01", "platforms": 7},
        {"title": "Tin foil", "usd": "99", "platforms": 4, "discount_percent": 50},
    )
    await link(made.ids[0], tags="Cute", languages="Latin")
    await link(made.ids[1], tags="Cute Hard", languages="Latin Greek")
    await link(made.ids[2], tags="Hard")
    await link(made.ids[3], tags="Cute")
    return made


async def facets(product: Any, search: str | None, **filter: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await product.data(FACETS, {"s": search, "f": filter}))["products"]["facets"]
    return found


def named(counts: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(one["name"], one["products"]) for one in counts]


async def test_a_list_is_counted_by_each_facet(product: Any, shelf: Any) -> None:
    found = await facets(product, None, genre=shelf.genre)

    assert named(found["genres"]) == [(shelf.genre, 4)]
    assert named(found["tags"]) == [("Cute", 3), ("Hard", 2)]
    assert named(found["languages"]) == [("Latin", 2), ("Greek", 1)]
    platforms = [(one["platform"], one["products"]) for one in found["platforms"]]
    assert platforms == [("WINDOWS", 3), ("MAC", 2), ("LINUX", 2)]
    prices = [(one["minPoints"], one["maxPoints"], one["products"]) for one in found["prices"]]
    assert prices == [
        (0, 0, 1),
        (1, 6500, 1),
        (6501, 13000, 1),
        (13001, 26000, 0),
        (26001, 52000, 0),
        (52001, 78000, 1),
        (78001, None, 0),
    ]


async def test_facets_are_those_of_the_list_as_it_is_searched_and_filtered(product: Any, shelf: Any) -> None:
    tin = await facets(product, "tin", genre=shelf.genre)
    assert named(tin["tags"]) == [("Cute", 2), ("Hard", 2)]
    assert named(tin["languages"]) == [("Greek", 1), ("Latin", 1)]

    cheap = await facets(product, "tin", genre=shelf.genre, maxPoints=7000, tags={"all": ["Hard"]})
    assert named(cheap["tags"]) == [("Hard", 2), ("Cute", 1)]
    assert sum(one["products"] for one in cheap["prices"]) == 2

    assert named((await facets(product, None, genre=shelf.genre, onSale=True))["tags"]) == [("Cute", 1)]
    assert named((await facets(product, "nothing", genre=shelf.genre))["tags"]) == []


async def test_a_facets_count_is_what_its_value_leaves(product: Any, shelf: Any) -> None:
    total = "query ($f: ProductFilter) { products(filter: $f) { totalCount } }"
    found = await facets(product, None, genre=shelf.genre)

    filters = [{"tags": {"all": [one["name"]]}} for one in found["tags"]]
    filters += [{"languages": {"all": [one["name"]]}} for one in found["languages"]]
    filters += [{"platform": one["platform"]} for one in found["platforms"]]
    filters += [{"minPoints": one["minPoints"], "maxPoints": one["maxPoints"]} for one in found["prices"]]
    counts = [one["products"] for facet in ("tags", "languages", "platforms", "prices") for one in found[facet]]
    for chosen, count in zip(filters, counts, strict=True):
        left = await product.data(total, {"f": {"genre": shelf.genre} | chosen})
        assert left["products"]["totalCount"] == count


async def test_the_whole_catalogue_and_a_genres_products_have_facets(product: Any, shelf: Any) -> None:
    whole = await facets(product, None)
    assert sum(one["products"] for one in whole["prices"]) >= 4

    query = "query ($id: ID!) { product(id: $id) { genres { products { facets { tags { name products } } } } } }"
    answer = await product.run(query, {"id": shelf.ids[0]})
    assert answer["errors"][0]["extensions"]["code"] == "QUERY_TOO_COMPLEX"


async def test_each_facet_is_one_statement_and_only_if_it_is_selected(
    product: Any, shelf: Any, statements: Any, viewers: Any
) -> None:
    developer = await viewers.developer()  # for whom nothing is remembered
    query = "query ($f: ProductFilter) {{ products(filter: $f) {{ edges {{ node {{ id }} }} {} }} }}"
    variables = {"f": {"genre": shelf.genre}}
    await product.run(query.format("totalCount"), variables, developer)
    page = 2
    for selection, count in (
        ("", page),
        ("facets { __typename }", page),
        ("facets { tags { name } }", page + 1),
        (f"facets {{ {NAMES} platforms {{ products }} prices {{ products }} }}", page + 5),
    ):
        async with statements("product") as counted:
            await product.data(query.format(selection), variables, developer)
        assert counted.count == count
