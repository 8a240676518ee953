"""Withdrawn products: in no list, readable by their ids, and back as they were."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from etl.load import load
from subgraphs.contracts.product import PRODUCT_OFFERS, Offer, OfferRequest
from tests.clients import Client, sale_input
from tests.etl.files import game, write
from tests.own_store import OwnStore
from tests.subgraphs.product.test_editing import EDIT
from tests.subgraphs.product.test_publishing import PUBLISH, an_input

WITHDRAW = """mutation ($id: ID!) { withdrawProduct(productId: $id) {
  __typename ... on Product { id withdrawnAt price { discountPercent } } ... on OnFlashSale { message sales { id } } } }"""
OFFER_AGAIN = (
    "mutation ($id: ID!) { offerProductAgain(productId: $id) { withdrawnAt price { points discountPercent } } }"
)
DISCOUNT = "mutation ($id: ID!) { setDiscount(productId: $id, percent: 50) { id } }"
ALL = """query ($id: ID!) { product(id: $id) { title description headerImage releasedOn platforms reviewScore version
  withdrawnAt genres { name } developedBy { name } publishedBy { name } tags { name votes } inCategories { name }
  languages { name fullAudio } screenshots movies price { usd points } } }"""
LISTS = """query ($g: String!, $d: String!) {
  products(filter: {genre: $g}) { totalCount facets { genres { name products } } edges { node { id } } }
  byDeveloper: products(filter: {developer: $d}) { totalCount }
  myProducts { totalCount edges { node { id withdrawnAt } } } }"""
SALE = "mutation ($input: FlashSaleInput!) { createFlashSale(input: $input) { id } }"
CANCEL = "mutation ($id: ID!) { cancelFlashSale(id: $id) { state } }"


@pytest.fixture
async def developer(viewers: Any) -> Any:
    return await viewers.developer()


@pytest.fixture
async def product_id(product: Any, developer: Any, word: Any, companies: Any) -> str:
    given = {"input": an_input(title=word(), genres=[word()], headerImage="https://example.com/a.jpg")}
    made: str = (await product.data(PUBLISH, given, developer))["publishProduct"]["id"]
    await companies(made, "D", f"Studio {made}")
    return made


async def test_it_leaves_lists_search_and_facets_and_stays_readable(
    product: Any, developer: Any, product_id: str, find: Any, viewers: Any
) -> None:
    await product.data(DISCOUNT, {"id": product_id}, developer)
    before = (await product.data(ALL, {"id": product_id}, developer))["product"]
    names = {"g": before["genres"][0]["name"], "d": before["developedBy"][0]["name"]}
    shopper = await viewers.user()
    assert (await product.data(LISTS, names, developer))["byDeveloper"]["totalCount"] == 1

    withdrawn = (await product.data(WITHDRAW, {"id": product_id}, developer))["withdrawProduct"]

    assert withdrawn["withdrawnAt"]
    assert withdrawn["price"] == {"discountPercent": 0}
    for viewer in (developer, shopper):
        assert await find(None, before["title"]) == []
        regular = {"usd": "12.50", "points": 16250}
        expected = before | {"withdrawnAt": withdrawn["withdrawnAt"], "price": regular}
        assert (await product.data(ALL, {"id": product_id}, viewer))["product"] == expected
    lists = await product.data(LISTS, names, developer)
    assert lists["products"] == {"totalCount": 0, "facets": {"genres": []}, "edges": []}
    assert lists["byDeveloper"] == {"totalCount": 0}
    mine = {"node": {"id": product_id, "withdrawnAt": withdrawn["withdrawnAt"]}}
    assert lists["myProducts"] == {"totalCount": 1, "edges": [mine]}
    (offer,) = await product.command(PRODUCT_OFFERS, [OfferRequest(product_id)])
    assert offer == Offer(product_id, exists=True, publisher_id=developer.id, title=before["title"], withdrawn=True)

    again = (await product.data(OFFER_AGAIN, {"id": product_id}, developer))["offerProductAgain"]

    assert again == {"withdrawnAt": None, "price": {"points": 16250, "discountPercent": 0}}
    assert (await product.data(ALL, {"id": product_id}, developer))["product"] == before | {"price": regular}
    lists = await product.data(LISTS, names, developer)
    assert (lists["products"]["totalCount"], lists["byDeveloper"]["totalCount"]) == (1, 1)
    assert await find(None, before["title"]) == [product_id]


async def test_a_seller_pages_through_what_is_offered_and_what_is_withdrawn(product: Any, developer: Any) -> None:
    ids = [(await product.data(PUBLISH, {"input": an_input()}, developer))["publishProduct"]["id"] for _ in range(4)]
    for one in ids[1::2]:
        await product.data(WITHDRAW, {"id": one}, developer)
    page = """query ($after: String) { myProducts(first: 1, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } edges { node { id withdrawnAt } } } }"""
    found, after = [], None
    while True:
        listed = (await product.data(page, {"after": after}, developer))["myProducts"]
        assert listed["totalCount"] == 4
        found += [(edge["node"]["id"], edge["node"]["withdrawnAt"] is not None) for edge in listed["edges"]]
        after = listed["pageInfo"]["endCursor"]
        if not listed["pageInfo"]["hasNextPage"]:
            break

    assert found == [(ids[3], True), (ids[2], False), (ids[1], True), (ids[0], False)]
    assert await product.code(page, {"after": "none"}, developer) == "BAD_USER_INPUT"


async def test_both_may_be_repeated(product: Any, developer: Any, product_id: str) -> None:
    first = await product.data(WITHDRAW, {"id": product_id}, developer)
    assert await product.data(WITHDRAW, {"id": product_id}, developer) == first
    first = await product.data(OFFER_AGAIN, {"id": product_id}, developer)
    assert await product.data(OFFER_AGAIN, {"id": product_id}, developer) == first


async def test_a_withdrawn_product_is_neither_edited_nor_discounted(
    product: Any, developer: Any, product_id: str
) -> None:
    version = (await product.data(ALL, {"id": product_id}, developer))["product"]["version"]
    await product.data(WITHDRAW, {"id": product_id}, developer)
    given = {"input": {"productId": product_id, "version": version, "title": "New"}}
    edited = (await product.data(EDIT, given, developer))["editProduct"]
    assert edited["__typename"] == "ProductWithdrawn"
    assert await product.code(DISCOUNT, {"id": product_id}, developer) == "INVALID_STATE"
    assert (await product.data(ALL, {"id": product_id}, developer))["product"]["version"] == version


async def test_a_flash_sale_is_cancelled_first_and_none_is_created_later(
    product: Any, stock: Client, developer: Any, product_id: str
) -> None:
    sale = {"input": sale_input(product_id, points=10, units=5)}
    sale_id = (await stock.data(SALE, sale, developer))["createFlashSale"]["id"]

    refused = (await product.data(WITHDRAW, {"id": product_id}, developer))["withdrawProduct"]

    assert (refused["__typename"], refused["sales"]) == ("OnFlashSale", [{"id": sale_id}])
    await stock.data(CANCEL, {"id": sale_id}, developer)
    assert (await product.data(WITHDRAW, {"id": product_id}, developer))["withdrawProduct"]["withdrawnAt"]
    assert await stock.code(SALE, sale, developer) == "INVALID_STATE"
    limit = "mutation ($id: ID!) { limitStock(productId: $id, units: 5) { id } }"
    assert await stock.code(limit, {"id": product_id}, developer) == "INVALID_STATE"
    await product.data(OFFER_AGAIN, {"id": product_id}, developer)
    await stock.data(SALE, sale, developer)


async def test_sales_that_are_created_at_the_same_time_win_or_are_refused(
    product: Any, stock: Client, developer: Any, shelve: Any, viewers: Any
) -> None:
    shelf, admin = await shelve(*[{}] * 10), await viewers.admin()

    async def race(one: str) -> tuple[Any, Any]:
        sale = {"input": sale_input(one, points=10, units=5)}
        made, withdrawn = await asyncio.gather(
            stock.run(SALE, sale, viewer=admin), product.data(WITHDRAW, {"id": one}, admin)
        )
        return made, withdrawn["withdrawProduct"]

    for made, withdrawn in await asyncio.gather(*[race(one) for one in shelf.ids]):
        has_sale = "errors" not in made
        assert has_sale == (withdrawn["__typename"] == "OnFlashSale"), (made, withdrawn)
        assert has_sale or made["errors"][0]["extensions"]["code"] == "INVALID_STATE"


async def test_who_may_withdraw(product: Any, viewers: Any, product_id: str) -> None:
    for operation in (WITHDRAW, OFFER_AGAIN):
        assert await product.code(operation, {"id": product_id}) == "UNAUTHENTICATED"
        for stranger in (await viewers.user(), await viewers.developer()):
            assert await product.code(operation, {"id": product_id}, stranger) == "FORBIDDEN"
        assert await product.code(operation, {"id": "12345678901"}, await viewers.admin()) == "NOT_FOUND"
    assert (await product.data(WITHDRAW, {"id": product_id}, await viewers.admin()))["withdrawProduct"]["withdrawnAt"]


async def test_a_load_leaves_a_withdrawn_game_alone(
    product: Any, running: OwnStore, viewers: Any, tmp_path: Path
) -> None:
    database, admin, app_id = running.settings.database_of("product"), await viewers.admin(), 987_654_322
    file = write(tmp_path / "one.json", (app_id, game(name="One")))
    await asyncio.to_thread(load, file, database, workers=1)
    await product.data(WITHDRAW, {"id": str(app_id)}, admin)
    file = write(tmp_path / "two.json", (app_id, game(name="Two")))
    await asyncio.to_thread(load, file, database, workers=1)

    found = (await product.data(ALL, {"id": str(app_id)}, admin))["product"]

    assert (found["title"], found["withdrawnAt"] is None) == ("One", False)
    await product.data(OFFER_AGAIN, {"id": str(app_id)}, admin)
    await asyncio.to_thread(load, file, database, workers=1)
    assert (await product.data(ALL, {"id": str(app_id)}, admin))["product"]["title"] == "Two"
