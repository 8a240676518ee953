"""The live numbers of flash sales: what listeners are sent, and who is turned away."""

import asyncio
from typing import Any

import pytest

from subgraphs.kit.database.columns import new_id
from tests.clients import eventually
from tests.own_store import OwnStore
from tests.subgraphs.live.conftest import Radio
from tests.subgraphs.stock.conftest import RELEASE


async def test_all_listeners_see_a_sale_sell_out_and_reopen(driver: Any, viewers: Any, radio: Radio) -> None:
    sale, user = await driver.sale(3), await viewers.user()
    async with radio.listening(sale) as one, radio.listening(sale) as other:
        first = await one.next()
        assert (first.id, first.data) == ("OPEN-3", {"state": "OPEN", "remaining": 3, "units": 3})
        claim = await driver.claimed(user, sale)
        for _ in range(2):
            await driver.claimed(await viewers.user(), sale)
        for stream in (one, other):
            events = await stream.until("SOLD_OUT-0")
            assert events[-1].data == {"state": "SOLD_OUT", "remaining": 0, "units": 3}
            left = [event.data["remaining"] for event in events]
            assert left == sorted(set(left), reverse=True)
        await driver.stock.data(RELEASE, {"id": claim}, user)
        for stream in (one, other):
            assert (await stream.next()).id == "OPEN-1"


async def test_who_reconnects_with_the_current_version_is_sent_what_comes_next(
    driver: Any, viewers: Any, radio: Radio
) -> None:
    sale = await driver.sale(3)
    async with radio.listening(sale, last_event_id="OPEN-3") as stream:
        await driver.claimed(await viewers.user(), sale)
        assert (await stream.next()).id == "OPEN-2"
    async with radio.listening(sale, last_event_id="OPEN-3") as stream:
        assert (await stream.next()).id == "OPEN-2"


async def test_time_opens_a_sale(driver: Any, radio: Radio) -> None:
    sale = await driver.sale(3, starts=3)
    async with radio.listening(sale) as stream:
        assert [event.id for event in await stream.until("OPEN-3")] == ["SCHEDULED-3", "OPEN-3"]


async def test_a_listener_of_one_sale_hears_nothing_of_another(driver: Any, viewers: Any, radio: Radio) -> None:
    quiet, busy = await driver.sale(3), await driver.sale(3)
    async with radio.listening(quiet) as one, radio.listening(busy) as other:
        assert [(await stream.next()).id for stream in (one, other)] == ["OPEN-3"] * 2
        await driver.claimed(await viewers.user(), busy)
        assert (await other.next()).id == "OPEN-2"
        await driver.claimed(await viewers.user(), quiet)
        assert (await one.next()).id == "OPEN-2"


@pytest.mark.parametrize("sale", [new_id(), "x", "x" * 500, "%00"], ids=["new", "short", "long", "NUL"])
async def test_there_is_nothing_to_hear_of_an_unknown_sale(radio: Radio, sale: str) -> None:
    assert await radio.status(sale) == 404


async def test_only_get_without_a_body_is_answered(driver: Any, radio: Radio) -> None:
    address = radio.address(await driver.sale(1))
    statuses = []
    for method, body in [("POST", b"{}"), ("HEAD", None), ("GET", b"{}")]:
        async with radio.http.request(method, address, data=body) as response:
            statuses.append(response.status)
    assert statuses == [405, 405, 400]


async def test_pages_of_the_playground_may_listen_and_others_not(driver: Any, radio: Radio, running: OwnStore) -> None:
    sale, allowed = await driver.sale(1), []
    for origin in (running.store.settings.playground_url, "https://elsewhere.example"):
        async with radio.http.get(radio.address(sale), headers={"origin": origin}) as response:
            allowed.append(response.headers.get("access-control-allow-origin"))
            response.close()
    assert allowed == [running.store.settings.playground_url, None]


async def test_over_the_limit_a_listener_is_told_to_come_later(driver: Any, another: Any) -> None:
    sale = await driver.sale(1)
    with another(STEAMPUNK_LIVE_LISTENERS="2") as (radio, _):
        async with radio.listening(sale) as one, radio.listening(sale) as other:
            assert {(await one.next()).id, (await other.next()).id} == {"OPEN-1"}
            async with radio.http.get(radio.address(sale)) as response:
                assert (response.status, response.headers["retry-after"]) == (503, "5")

        async def is_let_in() -> bool:
            return bool(await radio.status(sale) == 200)

        await eventually(is_let_in)


async def test_listeners_hear_on_while_redis_is_gone_and_after_it_is_back(
    driver: Any, viewers: Any, radio: Radio, running: OwnStore
) -> None:
    sale, redis = await driver.sale(5), running.servers["redis"]
    async with radio.listening(sale) as stream:
        assert (await stream.next()).id == "OPEN-5"
        redis.kill()
        try:
            await driver.claimed(await viewers.user(), sale)
            assert (await stream.next()).id == "OPEN-4"
        finally:
            redis.restart()
        await asyncio.to_thread(running.store.wait_ready)
        await driver.cache_agrees(sale, 1)
        await driver.claimed(await viewers.user(), sale)
        await stream.until("OPEN-3")


async def test_listeners_stay_while_stock_is_restarted(
    driver: Any, viewers: Any, radio: Radio, running: OwnStore
) -> None:
    sale, other, child = await driver.sale(2), await driver.sale(2), running.store.children["stock"]
    async with radio.listening(sale) as stream:
        assert (await stream.next()).id == "OPEN-2"
        child.kill()
        try:
            assert await radio.status(other) == 503
        finally:
            child.restart()
        await asyncio.to_thread(running.store.wait_ready)
        await driver.claimed(await viewers.user(), sale)
        assert (await stream.next()).id == "OPEN-1"


async def test_it_ends_while_somebody_listens(driver: Any, another: Any) -> None:
    sale = await driver.sale(1)
    with another() as (radio, child):
        async with radio.listening(sale) as stream:
            await stream.next()
            child.terminate()
            assert await asyncio.to_thread(child.exit_code, 30) is not None
        assert "error" not in child.last_lines().lower()


async def test_its_metrics_are_for_those_who_know_the_secret(driver: Any, radio: Radio, running: OwnStore) -> None:
    sale, headers = await driver.sale(1), running.store.settings.router_headers()

    async def metrics(headers: dict[str, str]) -> tuple[int, str]:
        async with radio.http.get(f"{radio.url}/metrics", headers=headers) as response:
            return response.status, await response.text()

    async with radio.listening(sale) as stream:
        await stream.next()
        status, text = await metrics(headers)
        assert (status, "steampunk_live_listeners 1.0" in text) == (200, True)
    assert await metrics({}) == (401, "")
