"""The claim cache in Redis: its answers are certain, whatever arrives late, twice, or not at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from subgraphs.contracts.stock import SALE_NEWS
from subgraphs.kit.database.columns import new_id
from subgraphs.stock.claims.cache import ClaimCache
from subgraphs.stock.claims.clock import DatabaseClock
from subgraphs.stock.claims.domain import Attempt, Claim, ClaimState, SoldOut
from subgraphs.stock.claims.scripts import key_of
from subgraphs.stock.sales.domain import FlashSaleState, Sale


def sale_of(units: int) -> Sale:
    now = datetime.now(UTC)
    return Sale(
        id=new_id(),
        product_id=new_id(),
        points=500,
        units=units,
        remaining=units,
        starts_at=now - timedelta(seconds=60),
        ends_at=now + timedelta(seconds=600),
        cancelled_at=None,
        as_of=now,
    )


def claim_on(sale: Sale, user: str = "", seconds: float = 300) -> Claim:
    now = datetime.now(UTC)
    return Claim(
        id=new_id(),
        sale_id=sale.id,
        user_id=user or new_id(),
        stored_state=ClaimState.HELD,
        payment_id=None,
        created_at=now,
        expires_at=now + timedelta(seconds=seconds),
        as_of=now,
    )


@pytest.fixture
async def cache(redis: Redis) -> ClaimCache:
    clock = DatabaseClock()

    async def now() -> datetime:
        return datetime.now(UTC)

    await clock.measure(now)
    return ClaimCache(redis, clock, 200)


async def fill(cache: ClaimCache, sale: Sale, *claims: Claim) -> None:
    token = new_id()
    assert await cache.begin(sale.id, token)
    if claims:
        await cache.stage(sale.id, token, claims)
    assert await cache.install(sale, token)


async def answer(cache: ClaimCache, sale: Sale, user: str = "") -> Any:
    return await cache.answer(Attempt(sale.id, user or new_id()))


async def test_a_sale_that_is_not_cached_is_not_sold_out(cache: ClaimCache) -> None:
    assert await answer(cache, sale_of(1)) is None


async def test_a_cached_claim_is_its_users_answer(cache: ClaimCache) -> None:
    sale = sale_of(5)
    claim = claim_on(sale)
    await fill(cache, sale, claim)
    found = await answer(cache, sale, claim.user_id)
    assert replace(found.claim, as_of=claim.as_of) == claim
    assert found.sale.remaining == 4


async def test_a_sale_is_sold_out_when_every_unit_has_an_owner(cache: ClaimCache) -> None:
    sale = sale_of(2)
    await fill(cache, sale, claim_on(sale))
    assert await answer(cache, sale) is None
    await cache.add([claim_on(sale)])
    found = await answer(cache, sale)
    assert isinstance(found, SoldOut)
    assert found.sale.state is FlashSaleState.SOLD_OUT


async def test_sql_decides_about_a_lapsed_claim(cache: ClaimCache) -> None:
    sale = sale_of(2)
    claim = claim_on(sale, seconds=-1)
    await fill(cache, sale, claim)
    assert await answer(cache, sale, claim.user_id) is None


async def test_a_claim_that_has_ended_stays_removed(cache: ClaimCache) -> None:
    sale = sale_of(1)
    claim = claim_on(sale)
    await fill(cache, sale, claim)
    await cache.end([claim])
    await cache.add([claim])  # late, by somebody who read it before it ended
    await cache.sell([claim])
    assert await answer(cache, sale, claim.user_id) is None
    assert await answer(cache, sale) is None
    another = claim_on(sale, claim.user_id)
    await cache.add([another])
    assert (await answer(cache, sale, claim.user_id)).claim.id == another.id


async def test_a_sold_claim_counts_but_is_not_answered_as_held(cache: ClaimCache) -> None:
    sale = sale_of(1)
    claim = claim_on(sale)
    await fill(cache, sale, claim)
    await cache.sell([claim])
    await cache.add([claim])
    assert await answer(cache, sale, claim.user_id) is None
    assert isinstance(await answer(cache, sale), SoldOut)


async def test_ending_an_old_claim_leaves_the_users_new_one(cache: ClaimCache) -> None:
    sale = sale_of(3)
    old, new = claim_on(sale, user := new_id()), claim_on(sale, user)
    await fill(cache, sale, new)
    await cache.end([old])
    assert (await answer(cache, sale, user)).claim.id == new.id


async def test_changes_during_filling_are_kept(cache: ClaimCache) -> None:
    sale, token = sale_of(4), new_id()
    ended, sold, stays = claim_on(sale), claim_on(sale), claim_on(sale)
    assert await cache.begin(sale.id, token)
    won = claim_on(sale)
    await cache.add([won])
    await cache.end([ended])
    await cache.sell([sold])
    await cache.stage(sale.id, token, [ended, sold, stays])
    assert await answer(cache, sale) is None
    assert await cache.install(sale, token)
    assert (await answer(cache, sale, won.user_id)).claim.id == won.id
    assert (await answer(cache, sale, stays.user_id)).claim.id == stays.id
    cached = await cache.read(sale.id, [ended.user_id, sold.user_id])
    assert cached is not None
    assert cached.taken == 3
    assert cached.entries == {ended.user_id: None, sold.user_id: f"?|{sold.id}"}


async def test_filling_again_drops_claims_that_sql_does_not_have(cache: ClaimCache) -> None:
    sale = sale_of(2)
    await fill(cache, sale, claim_on(sale), claim_on(sale))
    assert isinstance(await answer(cache, sale), SoldOut)
    await fill(cache, sale)
    assert await answer(cache, sale) is None


async def test_one_filler_at_a_time_fills_a_sale_in(cache: ClaimCache, redis: Redis) -> None:
    sale, first, second = sale_of(1), new_id(), new_id()
    assert await cache.begin(sale.id, first)
    assert not await cache.begin(sale.id, second)
    await redis.hset(key_of(sale.id, "meta"), "until", 0)
    assert await cache.begin(sale.id, second)
    assert not await cache.install(sale, first)
    assert await cache.install(sale, second)


async def test_who_has_not_come_to_an_end_begins_again_without_what_was_staged(cache: ClaimCache) -> None:
    sale, token = sale_of(1), new_id()
    assert await cache.begin(sale.id, token)
    await cache.stage(sale.id, token, [claim_on(sale)])
    assert await cache.begin(sale.id, token)
    assert await cache.install(sale, token)
    assert await answer(cache, sale) is None  # else it would be SoldOut


async def test_what_another_term_of_redis_has_written_is_not_trusted(cache: ClaimCache, redis: Redis) -> None:
    sale = sale_of(1)
    claim = claim_on(sale)
    await fill(cache, sale, claim)
    await redis.hset(key_of(sale.id, "meta"), "term", "0" * 80)
    assert await answer(cache, sale) is None
    assert await answer(cache, sale, claim.user_id) is None
    await fill(cache, sale)
    assert await answer(cache, sale, claim.user_id) is None


async def test_losing_only_the_claims_sends_attempts_to_sql(cache: ClaimCache, redis: Redis) -> None:
    sale = sale_of(1)
    claim = claim_on(sale)
    await fill(cache, sale, claim)
    await redis.delete(key_of(sale.id, "claims"))
    assert await answer(cache, sale, claim.user_id) is None
    assert await answer(cache, sale) is None


async def test_an_invalidated_sale_is_for_sql_until_it_is_filled_in(cache: ClaimCache) -> None:
    sale = sale_of(1)
    await fill(cache, sale, claim_on(sale))
    await cache.invalidate(sale.id)
    assert await answer(cache, sale) is None


async def test_every_key_expires(cache: ClaimCache, redis: Redis) -> None:
    sale = sale_of(3)
    await fill(cache, sale)
    await cache.add([claim_on(sale)])
    await cache.sell([claim_on(sale)])
    keys = [key async for key in redis.scan_iter(key_of(sale.id, "*").replace("[", "\\["))]
    assert {key.rpartition(":")[2] for key in keys} == {"meta", "claims", "fates"}
    assert all([0 < await redis.ttl(key) <= 600 + 3600 for key in keys])


async def test_what_an_earlier_version_has_cached_is_not_read(cache: ClaimCache, redis: Redis) -> None:
    sale = sale_of(1)
    fields = msgspec.to_builtins(sale)
    earlier = {"moment": fields.pop("as_of"), "has_lapsed": False, **fields}
    run = (await redis.info("server"))["run_id"]
    key = f"steampunk:sale:{{{sale.id}}}"
    await redis.hset(f"{key}:meta", mapping={"run": run, "sale": msgspec.json.encode(earlier).decode()})
    await redis.hset(f"{key}:claims", "somebody", "?|claim")
    assert await answer(cache, sale) is None
    await fill(cache, sale, claim_on(sale))
    assert isinstance(await answer(cache, sale), SoldOut)
    await redis.delete(f"{key}:meta", f"{key}:claims")


async def test_what_changes_a_sales_numbers_is_news_and_nothing_else(cache: ClaimCache, redis: Redis) -> None:
    sale = sale_of(3)
    claim = claim_on(sale)
    async with redis.pubsub(ignore_subscribe_messages=True) as news:
        await news.subscribe(SALE_NEWS)

        async def told() -> int:
            """How often the sale was told of since the last time."""
            await redis.publish(SALE_NEWS, mark := new_id())
            heard: list[str] = []
            while mark not in heard:
                message = await news.get_message(timeout=1)
                heard += [message["data"]] if message else []
            return heard.count(sale.id)

        async def after(change: Any) -> int:
            await change
            return await told()

        await told()
        assert await after(fill(cache, sale)) == 1
        assert await after(cache.add([claim, claim_on(sale)])) == 1
        assert await after(cache.add([claim])) == 0
        assert await after(cache.sell([claim])) == 0
        assert await after(cache.end([claim])) == 1
        assert await after(cache.end([claim])) == 0
        assert await after(cache.invalidate(sale.id)) == 1
