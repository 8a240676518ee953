"""The flash sale with all its parts: exact, whichever of them is gone."""

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
from subgraphs.stock.models import Claim
from subgraphs.store.config import load_secrets
from subgraphs.store.processes import Child, answers
from tests.clients import SubgraphClient
from tests.own_store import OwnStore
from tests.subgraphs.stock.conftest import CLAIM, RELEASE, Counters, board_key

MANY = 400
UNITS = 60


async def rush(desk: Any, viewers: Any, sale: str, disturb: Callable[[], Any] | None = None) -> Counter[str]:
    """400 users claim over 40 connections; `disturb` runs once a third of them is done. Checks the winners."""
    waiting, won, kinds = [await viewers.user() for _ in range(MANY)], {}, Counter[str]()

    async def shop() -> None:
        while waiting:
            user = waiting.pop()
            if disturb is not None and len(waiting) == MANY * 2 // 3:
                await asyncio.to_thread(disturb)
            try:
                answer = await desk.stock.run(CLAIM, {"sale": sale}, user)
            except (aiohttp.ClientError, ValueError):
                kinds["no answer"] += 1
                continue
            result = (answer.get("data") or {}).get("claim") or {"__typename": "error"}
            kinds[result["__typename"]] += 1
            if "id" in result and result["__typename"] == "Claim":
                won[result["id"]] = user.id

    await asyncio.gather(*[shop() for _ in range(40)])
    await check(desk, sale, won)
    return kinds


async def check(desk: Any, sale: str, won: dict[str, str]) -> None:
    """Every claim that was acknowledged is there, for its own user, and there are no more than units."""
    async with desk.sql("stock").reading() as session:
        rows = (await session.execute(select(Claim.id, Claim.user_id).where(Claim.sale_id == sale))).all()
    stored = {row.id: row.user_id for row in rows}
    assert len(stored) == len(set(stored.values())) <= UNITS
    assert won.items() <= stored.items()
    counters = await desk.of_sale(sale)
    assert counters == Counters(remaining=UNITS - len(stored), held=len(stored), sold=0)


async def test_sold_out_and_repeats_cost_no_statement(desk: Any, viewers: Any, statements: Any) -> None:
    sale = await desk.sale(3)
    winners = [await viewers.user() for _ in range(3)]
    claims = [await desk.claimed(user, sale) for user in winners]
    await desk.agreed(sale, 3)
    async with statements("stock") as counted:
        lost = await asyncio.gather(*[desk.claim(await viewers.user(), sale) for _ in range(50)])
        again = [await desk.claimed(user, sale) for user in winners]
    assert {answer["__typename"] for answer in lost} == {"SoldOut"}
    assert again == claims
    assert counted.count == 0


async def test_a_sale_that_has_not_begun_costs_no_statement(desk: Any, viewers: Any, statements: Any) -> None:
    sale = await desk.sale(3, starts=30)
    await desk.on_board(sale)
    async with statements("stock") as counted:
        answer = await desk.claim(await viewers.user(), sale)
    assert (answer["__typename"], counted.count) == ("SaleNotActive", 0)


async def test_units_that_come_back_are_sold_again(desk: Any, viewers: Any) -> None:
    sale = await desk.sale(1)
    for _ in range(3):
        user = await viewers.user()
        claim = await desk.claimed(user, sale)
        await desk.agreed(sale, 1)
        assert (await desk.claim(await viewers.user(), sale))["__typename"] == "SoldOut"
        await desk.stock.data(RELEASE, {"id": claim}, user)
    await desk.agreed(sale, 0)


async def test_a_wiped_board_is_filled_from_sql(desk: Any, viewers: Any) -> None:
    sale = await desk.sale(2)
    users = [await viewers.user() for _ in range(2)]
    claims = [await desk.claimed(user, sale) for user in users]
    await desk.agreed(sale, 2)
    await desk.redis.delete(board_key(sale, "meta"), board_key(sale, "claims"))
    assert [await desk.claimed(user, sale) for user in users] == claims
    assert (await desk.claim(await viewers.user(), sale))["__typename"] == "SoldOut"
    await desk.agreed(sale, 2)


async def test_a_board_that_is_wrong_is_put_right(desk: Any, viewers: Any) -> None:
    sale = await desk.sale(2)
    user = await viewers.user()
    claim = await desk.claimed(user, sale)
    await desk.agreed(sale, 1)
    entry = await desk.redis.hget(board_key(sale, "claims"), user.id)
    await desk.redis.hset(board_key(sale, "claims"), "nobody", entry.replace(claim, "nothing"))
    await desk.agreed(sale, 1)
    assert await desk.redis.hkeys(board_key(sale, "claims")) == [user.id]


async def test_a_rush_is_exact(desk: Any, viewers: Any, statements: Any) -> None:
    sale = await desk.sale(UNITS)
    async with statements("stock") as counted:
        kinds = await rush(desk, viewers, sale)
    assert kinds == {"Claim": UNITS, "SoldOut": MANY - UNITS}
    assert counted.count < UNITS
    await desk.agreed(sale, UNITS)


async def test_a_rush_while_redis_is_killed_and_restarted(desk: Any, viewers: Any, running: OwnStore) -> None:
    redis = running.servers["redis"]

    def disturb() -> None:
        redis.kill()
        redis.restart()

    sale = await desk.sale(UNITS)
    kinds = await rush(desk, viewers, sale, disturb)
    assert kinds == {"Claim": UNITS, "SoldOut": MANY - UNITS}
    await asyncio.to_thread(running.store.wait_ready)
    await desk.agreed(sale, UNITS)


async def test_a_rush_while_redis_does_not_answer(desk: Any, viewers: Any, running: OwnStore, metrics: Any) -> None:
    redis, bypassed = running.servers["redis"].process, "steampunk_redis_bypassed_total"
    before = await metrics.value("stock", bypassed, use="claims")
    sale = await desk.sale(UNITS)
    try:
        kinds = await rush(desk, viewers, sale, lambda: os.kill(redis.pid, signal.SIGSTOP))
        assert await metrics.value("stock", bypassed, use="claims") > before
        assert await metrics.value("stock", bypassed, use="limit claim") > 0
    finally:
        os.kill(redis.pid, signal.SIGCONT)
    assert kinds == {"Claim": UNITS, "SoldOut": MANY - UNITS}
    await desk.agreed(sale, UNITS)


async def test_a_rush_while_stock_is_killed_and_restarted(desk: Any, viewers: Any, running: OwnStore) -> None:
    child = running.store.children["stock"]

    def disturb() -> None:
        child.kill()
        child.restart()
        running.store.wait_ready()

    sale = await desk.sale(UNITS)
    kinds = await rush(desk, viewers, sale, disturb)
    assert kinds["Claim"] <= UNITS
    assert kinds["Claim"] + kinds["no answer"] >= UNITS
    counters = await desk.of_sale(sale)
    await desk.agreed(sale, counters.held)


@pytest.fixture
async def second(running: OwnStore, http: aiohttp.ClientSession) -> AsyncIterator[SubgraphClient]:
    """Another process of stock, beside the store's own."""
    [port] = free_ports(1)
    settings = running.store.settings
    command = [sys.executable, "-m", "subgraphs", "serve", "stock", "--port", str(port)]
    child = Child("stock-2", command, settings.environment(), settings.state / "logs")
    try:
        url = f"http://127.0.0.1:{port}"
        await asyncio.to_thread(child.wait_until, lambda: answers(f"{url}/ready"), 30)
        yield SubgraphClient(http, f"{url}/graphql", load_secrets(settings.state))
    finally:
        child.stop()


async def test_several_processes_share_a_sale(desk: Any, viewers: Any, second: SubgraphClient) -> None:
    sale = await desk.sale(UNITS)
    users = [await viewers.user() for _ in range(150)]
    asked = [(client, user) for user in users for client in (desk.stock, second)]
    results = await asyncio.gather(*[client.data(CLAIM, {"sale": sale}, user) for client, user in asked])
    claims = [result["claim"].get("id") for result in results]
    assert claims[::2] == claims[1::2]  # both processes tell a user the same
    assert len(set(claims) - {None}) == UNITS
    await desk.agreed(sale, UNITS)


async def test_who_asks_too_often_waits_and_is_let_in(desk: Any, viewers: Any) -> None:
    sale, user = await desk.sale(1), await viewers.user()
    answers = await asyncio.gather(*[desk.stock.run(CLAIM, {"sale": sale}, user) for _ in range(40)])
    refused = [answer["errors"][0]["extensions"] for answer in answers if "errors" in answer]
    assert {extensions["code"] for extensions in refused} == {"RATE_LIMITED"}
    assert 0 < len(refused) <= 20
    assert len({answer["data"]["claim"]["id"] for answer in answers if "errors" not in answer}) == 1
    await asyncio.sleep(max(extensions["retryAfter"] for extensions in refused))
    await desk.claimed(user, sale)
    await desk.claim(await viewers.user(), sale)  # others are not held up


async def test_the_limit_is_open_while_redis_is_gone(desk: Any, viewers: Any, running: OwnStore) -> None:
    redis, user, sale = running.servers["redis"], await viewers.user(), await desk.sale(1)
    redis.kill()
    try:
        answers = [await desk.stock.run(CLAIM, {"sale": sale}, user) for _ in range(30)]
    finally:
        redis.restart()
    assert len({answer["data"]["claim"]["id"] for answer in answers}) == 1
    await asyncio.to_thread(running.store.wait_ready)
