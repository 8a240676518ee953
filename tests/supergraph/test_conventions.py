"""What clients rely on in every part of the API, seen through the router."""

import uuid
from datetime import datetime
from typing import Any

import pytest

from tests.clients import Account, Client, sale_input
from tests.shop import FLASH_SALE, Shop

PROBLEM = "{ __typename ... on Problem { message } }"


@pytest.mark.parametrize("scalar", ["Date", "DateTime", "Decimal"])
async def test_a_scalar_says_where_it_is_specified(store_client: Client, scalar: str) -> None:
    data = await store_client.data("query($name: String!) { __type(name: $name) { specifiedByURL } }", {"name": scalar})
    assert data["__type"]["specifiedByURL"].startswith("https://")


class TestProblems:
    """A client that knows no member of a union reads why it failed."""

    async def test_of_an_account(self, shop: Shop) -> None:
        person = {"email": f"{uuid.uuid4()}@example.com", "password": "a long password", "name": "Ada"}
        register = f"mutation($input: RegisterInput!) {{ result: register(input: $input) {PROBLEM} }}"
        assert (await shop.client.data(register, {"input": person}))["result"] == {"__typename": "Session"}
        assert await problem(shop, register, {"input": person}) == "EmailTaken"
        login = f'mutation {{ result: login(email: "{person["email"]}", password: "another one") {PROBLEM} }}'
        assert await problem(shop, login, {}) == "InvalidCredentials"

    async def test_of_an_order_a_payment_and_the_library(self, shop: Shop) -> None:
        viewer, game = await shop.customer(0), await shop.games.new()
        order = "placeOrder(input: {productIds: [$id], idempotencyKey: $key})"
        assert await problem_of(shop, order, game, viewer) == "NotOnWishlist"
        checkout = "checkout(input: {productIds: [$id], idempotencyKey: $key})"
        assert await problem_of(shop, checkout, game, viewer) == "InsufficientPoints"
        await shop.top_up(viewer, 1_000_000)
        payment = await shop.bought(viewer, game)
        assert await problem_of(shop, checkout, game, viewer) == "AlreadyOwned"
        assert await problem_of(shop, "addToWishlist(productId: $id)", game, viewer) == "AlreadyOwned"
        refund = "refund(paymentId: $id, idempotencyKey: $key)"
        await shop.client.data("mutation($id: ID!) { play(productId: $id) { __typename } }", {"id": game}, viewer)
        assert await problem_of(shop, refund, payment, viewer) == "NotRefundable"
        assert await problem_of(shop, "play(productId: $id)", await shop.games.new(), viewer) == "NotOwned"

    async def test_of_a_product(self, shop: Shop) -> None:
        seller, game, viewer = shop.games.developer, await shop.games.new(), await shop.customer()
        edit = 'editProduct(input: {productId: $id, version: "another", title: "New"})'
        assert await problem_of(shop, edit, game, seller) == "ProductChanged"
        sale = {"input": sale_input(game, points=1, units=1)}
        sale_id = (await shop.client.data(FLASH_SALE, sale, seller))["createFlashSale"]["id"]
        assert await problem_of(shop, "withdrawProduct(productId: $id)", game, seller) == "OnFlashSale"
        cancel = "mutation($id: ID!) { cancelFlashSale(id: $id) { state } }"
        await shop.client.data(cancel, {"id": sale_id}, seller)
        withdraw = "mutation($id: ID!) { withdrawProduct(productId: $id) { __typename } }"
        await shop.client.data(withdraw, {"id": game}, seller)
        assert await problem_of(shop, edit, game, seller) == "ProductWithdrawn"
        checkout = "checkout(input: {productIds: [$id], idempotencyKey: $key})"
        assert await problem_of(shop, checkout, game, viewer) == "ProductsWithdrawn"
        assert await problem_of(shop, "addToWishlist(productId: $id)", game, viewer) == "ProductsWithdrawn"

    async def test_of_a_claim(self, shop: Shop) -> None:
        sale = sale_input(await shop.games.new(), points=1, units=1)
        made = await shop.client.data(FLASH_SALE, {"input": sale}, shop.games.developer)
        sale_id = made["createFlashSale"]["id"]
        first, second = await shop.customer(0), await shop.customer(0)
        await shop.client.data("mutation($id: ID!) { claim(saleId: $id) { __typename } }", {"id": sale_id}, first)
        assert await problem_of(shop, "claim(saleId: $id)", sale_id, second) == "SoldOut"


async def problem_of(shop: Shop, field: str, thing: str, viewer: Any) -> str:
    """The problem of a mutation that takes an id and, if it names one, an idempotency key."""
    key = ", $key: String!" if "$key" in field else ""
    mutation = f"mutation($id: ID!{key}) {{ result: {field} {PROBLEM} }}"
    return await problem(shop, mutation, {"id": thing, "key": str(uuid.uuid4())}, viewer)


async def problem(shop: Shop, mutation: str, variables: dict[str, Any], viewer: Any = None) -> str:
    """Runs a mutation that must fail. Returns the name of the problem, after checking that it has a message."""
    result = (await shop.client.data(mutation, variables, viewer))["result"]
    assert result["message"]
    name: str = result["__typename"]
    return name


async def test_what_a_shop_window_shows_about_its_viewer(shop: Shop) -> None:
    """Cards with what is wished, claimed and counted down, right after each change."""
    viewer, game = await shop.customer(), await shop.games.new()
    made = await shop.client.data(FLASH_SALE, {"input": sale_input(game, 1, 1)}, shop.games.developer)
    sale_id = made["createFlashSale"]["id"]
    wish = "mutation($id: ID!) { addToWishlist(productId: $id) { ... on WishlistItem { product { wished title } } } }"
    claim = "mutation($id: ID!) { claim(saleId: $id) { ... on Claim { id sale { myClaim { id } } } } }"

    async def card(account: Account | None) -> tuple[Any, Any]:
        query = """query($id: ID!) { serverTime product(id: $id) {
            wished flashSale { opensIn endsIn startsAt endsAt myClaim { id state } } } }"""
        data = await shop.client.data(query, {"id": game}, account)
        sale, wished = data["product"]["flashSale"], data["product"]["wished"]
        left = datetime.fromisoformat(sale["endsAt"]) - datetime.fromisoformat(data["serverTime"])
        assert sale["opensIn"] == 0
        assert abs(left.total_seconds() - sale["endsIn"]) < 60
        return wished, sale["myClaim"]

    assert await card(None) == (None, None)
    assert await card(viewer) == (False, None)
    added = await shop.client.data(wish, {"id": game}, viewer)
    assert added["addToWishlist"]["product"] == {"wished": True, "title": "A Game"}
    claimed = (await shop.client.data(claim, {"id": sale_id}, viewer))["claim"]
    assert claimed["sale"]["myClaim"] == {"id": claimed["id"]}
    assert await card(viewer) == (True, {"id": claimed["id"], "state": "HELD"})
    await shop.client.data("mutation($id: ID!) { removeFromWishlist(productId: $id) }", {"id": game}, viewer)
    assert await card(viewer) == (False, {"id": claimed["id"], "state": "HELD"})
    await shop.bought(viewer, game)
    assert (await card(viewer))[0] is False
