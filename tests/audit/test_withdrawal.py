"""Withdrawing a product beside checkouts of it."""

import asyncio

import aiohttp

from subgraphs.kit.settings import Settings
from subgraphs.store.audit import audit
from tests.clients import Account, Client, Games, Viewers
from tests.own_store import OwnStore
from tests.shop import Shop

WITHDRAW = "mutation($id: ID!) { withdrawProduct(productId: $id) { __typename } }"


async def test_checkouts_beside_a_withdrawal_are_bought_or_refused(
    audited: Settings, own: OwnStore, http: aiohttp.ClientSession
) -> None:
    """Twenty begin at the same time as the withdrawal, and twenty when it is acknowledged."""
    viewers, client = Viewers(await own.signer()), Client(http, own.store.settings.graphql_url, {})
    shop = Shop(client, viewers, Games(client, await viewers.developer()))
    game, other = await shop.games.new(usd="1.00"), await shop.games.new(usd="2.00")
    customers = await asyncio.gather(*[shop.customer() for _ in range(40)])
    withdrawn = asyncio.Event()

    async def kind_of_checkout(account: Account, place: int) -> str:
        if place >= 20:
            await withdrawn.wait()
        return str((await shop.checkout(account, game, other))["__typename"])

    async def withdraw() -> None:
        await client.data(WITHDRAW, {"id": game}, shop.games.developer)
        withdrawn.set()

    withdrawing = asyncio.create_task(withdraw())
    kinds = await asyncio.gather(*[kind_of_checkout(one, place) for place, one in enumerate(customers)])
    await withdrawing

    assert set(kinds) <= {"Payment", "ProductsWithdrawn"}
    assert set(kinds[20:]) == {"ProductsWithdrawn"}, "what begins after the withdrawal is refused"
    for account, kind in zip(customers, kinds, strict=True):
        bought = kind == "Payment"
        assert await shop.balance(account) == (1_000_000 - 3 * 1300 if bought else 1_000_000)
        assert set(await shop.library(account)) == ({game, other} if bought else set())
    assert [finding for finding in await audit(audited, wait=30) if not finding.is_clean] == []
