"""The store's story through the router, on each arrangement of Redis servers."""

import aiohttp

from subgraphs.store.audit import audit
from tests.clients import Account, Metrics, eventually, sale_input
from tests.clusters.redis.conftest import RunningOnRedis
from tests.shop import CLAIM, FLASH_SALE, Shop
from tests.subgraphs.live.conftest import Radio

AUDIT_SECONDS = 60
UNITS = 2


async def test_what_a_customer_buys_is_in_the_library(shop: Shop, stand: RunningOnRedis) -> None:
    customer = await shop.registered(1_000_000)
    games = [await shop.games.new() for _ in range(2)]
    await shop.bought(customer, games[0])
    order = await shop.ordered(customer, games[1])
    payment = await shop.started(customer, order)
    await shop.client.data("mutation($id: ID!) { pay(paymentId: $id) { __typename } }", {"id": payment}, customer)
    await shop.owns(customer, *games)
    findings = await audit(stand.own.settings, wait=AUDIT_SECONDS)
    assert [finding for finding in findings if not finding.is_clean] == []


async def test_a_flash_sale_sells_out_and_its_listeners_hear_of_it(
    shop: Shop, stand: RunningOnRedis, metrics: Metrics, http: aiohttp.ClientSession
) -> None:
    game = await shop.games.new()
    made = await shop.client.data(FLASH_SALE, {"input": sale_input(game, 70, UNITS)}, shop.games.developer)
    sale = made["createFlashSale"]["id"]

    async def claimed(account: Account) -> str:
        return str((await shop.client.data(CLAIM, {"id": sale}, account))["claim"]["__typename"])

    async def answered_by_cache() -> bool:
        before = await metrics.value("stock", "steampunk_claims_answered_total", by="cache")
        assert await claimed(await shop.viewers.user()) == "SoldOut"
        return await metrics.value("stock", "steampunk_claims_answered_total", by="cache") > before

    radio = Radio(http, stand.own.store.settings.live_url)
    async with radio.listening(sale) as stream:
        assert [await claimed(await shop.viewers.user()) for _ in range(UNITS)] == ["Claim"] * UNITS
        await stream.until("SOLD_OUT-0")
    await eventually(answered_by_cache, 30)


async def test_every_subgraph_hears_that_a_session_has_ended(shop: Shop) -> None:
    customer = await shop.registered(1000)
    await shop.client.data("mutation { logout }", viewer=customer)

    async def is_refused() -> bool:
        answer = await shop.client.run("{ me { wallet { balance } } }", viewer=customer)
        return [error["extensions"]["code"] for error in answer.get("errors", ())] == ["UNAUTHENTICATED"]

    await eventually(is_refused, 30)
