"""A flash sale under load: exact, even if Redis or stock itself fails meanwhile."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from router.process import free_ports
from subgraphs.stock.claims.scripts import key_of
from subgraphs.stock.models import Claim
from subgraphs.store.config import load_secrets
from subgraphs.store.processes import Program, answers
from tests.clients import SubgraphClient
from tests.own_store import OwnStore
from tests.subgraphs.stock.conftest import CLAIM, RELEASE, Counters

MANY = 400
UNITS = 60


async def rush(driver: Any, viewers: Any, sale: str, disturb: Callable[[], Any] | None = None) -> Counter[str]:
    """400 users claim over 40 connections; `disturb` runs once a third of them is done. Checks the winners."""
    waiting, won, kinds = [await viewers.user() for _ in range(MANY)], {}, Counter[str]()

    async def shop() -> None:
        while waiting:
            user = waiting.pop()
            if disturb is not None and len(waiting) == MANY * 2 // 3:
                await asyncio.to_thread(disturb)
            try:
                answer = await driver.stock.run(CLAIM, {"sale": sale}, user)
            except (aiohttp.ClientError, ValueError):
                kinds["no answer"] += 1
                continue
            result = (answer.get("data") or {}).get("claim") or {"__typename": "error"}
            kinds[result["__typename"]] += 1
            if "id" in result and result["__typename"] == "Claim":
                won[result["id"]] = user.id

    await asyncio.gather(*[shop() for _ in range(40)])
    await check(driver, sale, won)
    return kinds


async def check(driver: Any, sale: str, won: dict[str, str]) -> None:
    """Every claim that was acknowledged is there, for its own user, and there are no more than units."""
    async with driver.sql("stock").reading() as session:
        rows = (await session.execute(select(Claim.id, Claim.user_id).where(Claim.sale_id == sale))).all()
    stored = {row.id: row.user_id for row in rows}
    assert len(stored) == len(set(stored.values())) <= UNITS
    assert won.items() <= stored.items()
    counters = await driver.of_sale(sale)
    assert counters == Counters(remaining=UNITS - len(stored), held=len(stored), sold=0)


async def test_sold_out_and_repeats_cost_no_statement(driver: Any, viewers: Any, statements: Any) -> None:
    sale = await driver.sale(3)
    winners = [await viewers.user() for _ in range(3)]
    claims = [await driver.claimed(user, sale) for user in winners]
    await driver.cache_agrees(sale, 3)
    async with statements("stock") as counted:
        lost = await asyncio.gather(*[driver.claim(await viewers.user(), sale) for _ in range(50)])
        again = [await driver.claimed(user, sale) for user in winners]
    assert {answer["__typename"] for answer in lost} == {"SoldOut"}
    assert again == claims
    assert counted.count == 0


async def test_a_sale_that_has_not_started_costs_no_statement(driver: Any, viewers: Any, statements: Any) -> None:
    sale = await driver.sale(3, starts=30)
    await driver.cached_claims(sale)
    async with statements("stock") as counted:
        answer = await driver.claim(await viewers.user(), sale)
    assert (answer["__typename"], counted.count) == ("SaleNotActive", 0)


async def test_units_that_come_back_are_sold_again(driver: Any, viewers: Any) -> None:
    sale = await driver.sale(1)
    for _ in range(3):
        user = await viewers.user()
        claim = await driver.claimed(user, sale)
        await driver.cache_agrees(sale, 1)
        assert (await driver.claim(await viewers.user(), sale))["__typename"] == "SoldOut"
        await driver.stock.data(RELEASE, {"id": claim}, user)
    await driver.cache_agrees(sale, 0)


async def test_a_wiped_cache_is_filled_from_sql(driver: Any, viewers: Any) -> None:
    sale = await driver.sale(2)
    users = [await viewers.user() for _ in range(2)]
    claims = [await driver.claimed(user, sale) for user in users]
    await driver.cache_agrees(sale, 2)
    await driver.redis.delete(key_of(sale, "meta"), key_of(sale, "claims"))
    assert [await driver.claimed(user, sale) for user in users] == claims
    assert (await driver.claim(await viewers.user(), sale))["__typename"] == "SoldOut"
    await driver.cache_agrees(sale, 2)


async def test_a_cache_that_is_wrong_is_corrected(driver: Any, viewers: Any) -> None:
    sale = await driver.sale(2)
    user = await viewers.user()
    claim = await driver.claimed(user, sale)
    await driver.cache_agrees(sale, 1)
    entry = await driver.redis.hget(key_of(sale, "claims"), user.id)
    await driver.redis.hset(key_of(sale, "claims"), "nobody", entry.replace(claim, "nothing"))
    await driver.cache_agrees(sale, 1)
    assert await driver.redis.hkeys(key_of(sale, "claims")) == [user.id]


async def test_a_rush_is_exact(driver: Any, viewers: Any, statements: Any) -> None:
    sale = await driver.sale(UNITS)
    async with statements("stock") as counted:
        kinds = await rush(driver, viewers, sale)
    assert kinds == {"Claim": UNITS, "SoldOut": MANY - UNITS}
    assert counted.count < UNITS
    await driver.cache_agrees(sale, UNITS)


async def test_a_rush_while_redis_is_killed_and_restarted(driver: Any, viewers: Any, running: OwnStore) -> None:
    redis = running.servers["redis"]

    def disturb() -> None:
        redis.kill()
        redis.restart()

    sale = await driver.sale(UNITS)
    kinds = await rush(driver, viewers, sale, disturb)
    assert kinds == {"Claim": UNITS, "SoldOut": MANY - UNITS}
    await asyncio.to_thread(running.store.wait_ready)
    await driver.cache_agrees(sale, UNITS)


async def test_a_rush_while_redis_does_not_answer(driver: Any, viewers: Any, running: OwnStore, metrics: Any) -> None:
    redis, bypassed = running.servers["redis"], "steampunk_redis_bypassed_total"
    before = await metrics.value("stock", bypassed, use="claims")
    sale = await driver.sale(UNITS)
    try:
        kinds = await rush(driver, viewers, sale, lambda: os.kill(redis.pid, signal.SIGSTOP))
        assert await metrics.value("stock", bypassed, use="claims") > before
        assert await metrics.value("stock", bypassed, use="limit claim") > 0
    finally:
        os.kill(redis.pid, signal.SIGCONT)
    assert kinds == {"Claim": UNITS, "SoldOut": MANY - UNITS}
    await driver.cache_agrees(sale, UNITS)


async def test_a_rush_while_stock_is_killed_and_restarted(driver: Any, viewers: Any, running: OwnStore) -> None:
    child = running.store.children["stock"]

    def disturb() -> None:
        child.kill()
        child.restart()
        running.store.wait_ready()

    sale = await driver.sale(UNITS)
    kinds = await rush(driver, viewers, sale, disturb)
    assert kinds["Claim"] <= UNITS
    assert kinds["Claim"] + kinds["no answer"] >= UNITS
    counters = await driver.of_sale(sale)
    await driver.cache_agrees(sale, counters.held)


@pytest.fixture
async def second(running: OwnStore, http: aiohttp.ClientSession) -> AsyncIterator[SubgraphClient]:
    """Another process of stock, beside the store's own."""
    [port] = free_ports(1)
    settings = running.store.settings
    command = [sys.executable, "-m", "subgraphs", "serve", "stock", "--port", str(port)]
    child = Program("stock-2", command, settings.environment(), settings.state / "logs")
    try:
        url = f"http://127.0.0.1:{port}"
        await asyncio.to_thread(child.wait_until, lambda: answers(f"{url}/ready", settings.router_headers()), 30)
        yield SubgraphClient(http, f"{url}/graphql", load_secrets(settings.state))
    finally:
        child.stop()


async def test_several_processes_share_a_sale(driver: Any, viewers: Any, second: SubgraphClient) -> None:
    sale = await driver.sale(UNITS)
    users = [await viewers.user() for _ in range(150)]
    asked = [(client, user) for user in users for client in (driver.stock, second)]
    results = await asyncio.gather(*[client.data(CLAIM, {"sale": sale}, user) for client, user in asked])
    claims = [result["claim"].get("id") for result in results]
    assert claims[::2] == claims[1::2]  # both processes give a user the same answer
    assert len(set(claims) - {None}) == UNITS
    await driver.cache_agrees(sale, UNITS)


async def test_a_user_over_the_limit_is_let_in_after_the_time_told(driver: Any, viewers: Any) -> None:
    sale, user = await driver.sale(1), await viewers.user()
    answers = await asyncio.gather(*[driver.stock.run(CLAIM, {"sale": sale}, user) for _ in range(40)])
    refused = [answer["errors"][0]["extensions"] for answer in answers if "errors" in answer]
    assert {extensions["code"] for extensions in refused} == {"RATE_LIMITED"}
    assert 0 < len(refused) <= 20
    assert len({answer["data"]["claim"]["id"] for answer in answers if "errors" not in answer}) == 1
    await asyncio.sleep(max(extensions["retryAfter"] for extensions in refused))
    await driver.claimed(user, sale)
    await driver.claim(await viewers.user(), sale)  # other users are not limited


async def test_the_limit_is_open_while_redis_is_gone(driver: Any, viewers: Any, running: OwnStore) -> None:
    redis, user, sale = running.servers["redis"], await viewers.user(), await driver.sale(1)
    redis.kill()
    try:
        answers = [await driver.stock.run(CLAIM, {"sale": sale}, user) for _ in range(30)]
    finally:
        redis.restart()
    assert len({answer["data"]["claim"]["id"] for answer in answers}) == 1
    await asyncio.to_thread(running.store.wait_ready)
