"""What sellers do to a product beside checkouts of it: each checkout is whole, and the books agree."""

import asyncio

import aiohttp
import pytest

from subgraphs.kit.settings import Settings
from subgraphs.store.audit import audit
from tests.clients import Account, Client, Games, Viewers
from tests.own_store import OwnStore
from tests.shop import Shop

WITHDRAW = "mutation($id: ID!) { withdrawProduct(productId: $id) { __typename } }"
VERSION = "query($id: ID!) { product(id: $id) { version } }"
EDIT = "mutation($input: EditProductInput!) { editProduct(input: $input) { __typename } }"


@pytest.fixture
async def busy_shop(audited: Settings, own: OwnStore, http: aiohttp.ClientSession) -> Shop:
    """Shopping in the store that is audited."""
    viewers, client = Viewers(await own.signer()), Client(http, own.store.settings.graphql_url, {})
    return Shop(client, viewers, Games(client, await viewers.developer()))


async def test_checkouts_beside_a_withdrawal_are_bought_or_refused(busy_shop: Shop, audited: Settings) -> None:
    """Twenty begin at the same time as the withdrawal, and twenty when it is acknowledged."""
    shop = busy_shop
    game, other = await shop.games.new(usd="1.00"), await shop.games.new(usd="2.00")
    customers = await asyncio.gather(*[shop.customer() for _ in range(40)])
    withdrawing = asyncio.create_task(shop.client.data(WITHDRAW, {"id": game}, shop.games.developer))

    async def kind_of_checkout(account: Account, place: int) -> str:
        if place >= 20:
            await withdrawing
        return str((await shop.checkout(account, game, other))["__typename"])

    kinds = await asyncio.gather(*[kind_of_checkout(one, place) for place, one in enumerate(customers)])

    assert (await withdrawing)["withdrawProduct"] == {"__typename": "Product"}
    assert set(kinds) <= {"Payment", "ProductsWithdrawn"}
    assert set(kinds[20:]) == {"ProductsWithdrawn"}, "what begins after the withdrawal is refused"
    for account, kind in zip(customers, kinds, strict=True):
        bought = kind == "Payment"
        assert await shop.balance(account) == (1_000_000 - 3 * 1300 if bought else 1_000_000)
        assert set(await shop.library(account)) == ({game, other} if bought else set())
    assert [finding for finding in await audit(audited, wait=30) if not finding.is_clean] == []


async def test_checkouts_beside_an_edit_pay_one_of_the_two_prices(busy_shop: Shop, audited: Settings) -> None:
    """Twenty begin at the same time as the edit, and twenty when it is acknowledged. Half of each expect a total."""
    shop = busy_shop
    game = await shop.games.new(usd="1.00")
    version = (await shop.client.data(VERSION, {"id": game}, shop.games.developer))["product"]["version"]
    customers = await asyncio.gather(*[shop.customer() for _ in range(40)])
    change = {"input": {"productId": game, "version": version, "usd": "3.00"}}
    editing = asyncio.create_task(shop.client.data(EDIT, change, shop.games.developer))

    async def paid(account: Account, place: int) -> int:
        """Checks out, and returns the points that it cost: 0 if it was refused because the price had changed."""
        if place >= 20:
            await editing
        expected = {"expectedTotal": 1300} if place % 2 else {}
        result = await shop.checkout(account, game, **expected)
        if result["__typename"] == "PriceChanged":
            assert (result["expected"], result["actual"]) == (1300, 3900)
            return 0
        return int(result["amount"])

    amounts = await asyncio.gather(*[paid(one, place) for place, one in enumerate(customers)])

    assert (await editing)["editProduct"] == {"__typename": "Product"}
    assert set(amounts[:20]) <= {0, 1300, 3900}
    assert set(amounts[20::2]) == {3900}
    assert set(amounts[21::2]) == {0}
    for account, amount in zip(customers, amounts, strict=True):
        assert await shop.balance(account) == 1_000_000 - amount
        assert await shop.library(account) == ([game] if amount else [])
    assert [finding for finding in await audit(audited, wait=30) if not finding.is_clean] == []
