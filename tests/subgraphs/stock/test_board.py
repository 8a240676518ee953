"""The board in Redis: what it says is certain, whatever comes late, twice, or not at all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from subgraphs.kit.database.columns import new_id
from subgraphs.stock.claims.cache import ClaimCache, View, certain
from subgraphs.stock.claims.clock import DatabaseClock
from subgraphs.stock.claims.repository import Attempt
from subgraphs.stock.domain import ClaimView, FlashSaleState, Sale, SaleNotActive, SoldOut
from tests.subgraphs.stock.conftest import board_key

NOW = datetime.now(UTC)


def sale_of(units: int, starts: float = -60, ends: float = 600) -> Sale:
    now = datetime.now(UTC)
    starts_at, ends_at = (now + timedelta(seconds=seconds) for seconds in (starts, ends))
    return Sale(new_id(), new_id(), 500, units, units, starts_at, ends_at, None, now)


def claim_on(sale: Sale, user: str = "", seconds: float = 300) -> ClaimView:
    now = datetime.now(UTC)
    expires = now + timedelta(seconds=seconds)
    return ClaimView(new_id(), sale.id, user or new_id(), "HELD", expires, now, None, now, sale)


@pytest.fixture
async def board(redis: Redis) -> ClaimCache:
    clock = DatabaseClock()

    async def now() -> datetime:
        return datetime.now(UTC)

    await clock.measure(now)
    return ClaimCache(redis, clock, 200)


async def fill(board: ClaimCache, sale: Sale, *claims: ClaimView) -> None:
    token = new_id()
    assert await board.begin(sale.id, token)
    if claims:
        await board.fill(sale.id, token, claims)
    assert await board.install(sale, token)


async def answer(board: ClaimCache, sale: Sale, user: str = "") -> Any:
    return await board.answer(Attempt(sale.id, user or new_id()))


async def test_a_missing_board_is_not_a_full_one(board: ClaimCache) -> None:
    assert await answer(board, sale_of(1)) is None


async def test_a_user_on_the_board_has_his_claim(board: ClaimCache) -> None:
    sale = sale_of(5)
    claim = claim_on(sale)
    await fill(board, sale, claim)
    found = await answer(board, sale, claim.user_id)
    assert (found.id, found.expires_at, found.created_at) == (claim.id, claim.expires_at, claim.created_at)
    assert (found.state, found.sale.remaining) == (claim.state, 4)


async def test_it_is_sold_out_when_every_unit_has_an_owner(board: ClaimCache) -> None:
    sale = sale_of(2)
    await fill(board, sale, claim_on(sale))
    assert await answer(board, sale) is None
    await board.write([claim_on(sale)])
    found = await answer(board, sale)
    assert isinstance(found, SoldOut)
    assert found.sale.state is FlashSaleState.SOLD_OUT


async def test_a_lapsed_claim_on_the_board_is_for_sql_to_decide(board: ClaimCache) -> None:
    sale = sale_of(2)
    claim = claim_on(sale, seconds=-1)
    await fill(board, sale, claim)
    assert await answer(board, sale, claim.user_id) is None


async def test_a_claim_that_has_ended_is_off_the_board_and_stays_off(board: ClaimCache) -> None:
    sale = sale_of(1)
    claim = claim_on(sale)
    await fill(board, sale, claim)
    await board.settle("ended", [(sale.id, claim.user_id, claim.id)])
    await board.write([claim])  # a reader of before, who comes late
    await board.settle("sold", [(sale.id, claim.user_id, claim.id)])
    assert await answer(board, sale, claim.user_id) is None
    assert await answer(board, sale) is None
    another = claim_on(sale, claim.user_id)
    await board.write([another])
    assert (await answer(board, sale, claim.user_id)).id == another.id


async def test_a_sold_claim_counts_but_is_not_shown_as_held(board: ClaimCache) -> None:
    sale = sale_of(1)
    claim = claim_on(sale)
    await fill(board, sale, claim)
    await board.settle("sold", [(sale.id, claim.user_id, claim.id)])
    await board.write([claim])
    assert await answer(board, sale, claim.user_id) is None
    assert isinstance(await answer(board, sale), SoldOut)


async def test_what_ends_an_old_claim_leaves_the_users_new_one(board: ClaimCache) -> None:
    sale = sale_of(3)
    old, new = claim_on(sale, user := new_id()), claim_on(sale, user)
    await fill(board, sale, new)
    await board.settle("ended", [(sale.id, user, old.id)])
    assert (await answer(board, sale, user)).id == new.id


async def test_what_happens_while_it_is_filled_is_kept(board: ClaimCache) -> None:
    sale, token = sale_of(4), new_id()
    ended, sold, stays = claim_on(sale), claim_on(sale), claim_on(sale)
    assert await board.begin(sale.id, token)
    won = claim_on(sale)
    await board.write([won])
    await board.settle("ended", [(sale.id, ended.user_id, ended.id)])
    await board.settle("sold", [(sale.id, sold.user_id, sold.id)])
    await board.fill(sale.id, token, [ended, sold, stays])
    assert await answer(board, sale) is None
    assert await board.install(sale, token)
    assert (await answer(board, sale, won.user_id)).id == won.id
    assert (await answer(board, sale, stays.user_id)).id == stays.id
    view = await board.view(sale.id, [ended.user_id, sold.user_id])
    assert view is not None
    assert view.taken == 3
    assert view.entries == {ended.user_id: None, sold.user_id: f"?|{sold.id}"}


async def test_filling_it_again_drops_what_sql_does_not_know(board: ClaimCache) -> None:
    sale = sale_of(2)
    await fill(board, sale, claim_on(sale), claim_on(sale))
    assert isinstance(await answer(board, sale), SoldOut)
    await fill(board, sale)
    assert await answer(board, sale) is None


async def test_of_those_who_would_fill_it_one_does(board: ClaimCache, redis: Redis) -> None:
    sale, first, second = sale_of(1), new_id(), new_id()
    assert await board.begin(sale.id, first)
    assert not await board.begin(sale.id, second)
    await redis.hset(board_key(sale.id, "meta"), "until", 0)
    assert await board.begin(sale.id, second)
    assert not await board.install(sale, first)
    assert await board.install(sale, second)


async def test_a_board_of_another_life_of_redis_is_not_trusted(board: ClaimCache, redis: Redis) -> None:
    sale = sale_of(1)
    claim = claim_on(sale)
    await fill(board, sale, claim)
    await redis.hset(board_key(sale.id, "meta"), "run", "0" * 40)
    assert await answer(board, sale) is None
    assert await answer(board, sale, claim.user_id) is None
    await fill(board, sale)
    assert await answer(board, sale, claim.user_id) is None


async def test_claims_lost_alone_do_not_sell_twice_nor_lock_out(board: ClaimCache, redis: Redis) -> None:
    sale = sale_of(1)
    claim = claim_on(sale)
    await fill(board, sale, claim)
    await redis.delete(board_key(sale.id, "claims"))
    assert await answer(board, sale, claim.user_id) is None
    assert await answer(board, sale) is None


async def test_a_closed_board_waits_to_be_filled(board: ClaimCache) -> None:
    sale = sale_of(1)
    await fill(board, sale, claim_on(sale))
    await board.close(sale.id)
    assert await answer(board, sale) is None


async def test_nothing_on_the_board_stays_for_ever(board: ClaimCache, redis: Redis) -> None:
    sale = sale_of(3)
    await fill(board, sale)
    await board.write([claim_on(sale)])
    await board.settle("sold", [(sale.id, new_id(), new_id())])
    keys = [key async for key in redis.scan_iter(board_key(sale.id, "*").replace("[", "\\["))]
    assert {key.rpartition(":")[2] for key in keys} == {"meta", "claims", "fates"}
    assert all([0 < await redis.ttl(key) <= 600 + 3600 for key in keys])


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        (1, 60, SaleNotActive),
        (-60, -1, SaleNotActive),
        (-60, 60, SoldOut),
        (0, 60, type(None)),
        (-60, 0, type(None)),
    ],
)
def test_near_its_ends_a_sale_is_for_sql_to_decide(starts: float, ends: float, expected: type) -> None:
    sale, near = sale_of(1, starts, ends), timedelta(seconds=0.1)
    found = certain(View(sale, 1, {"user": None}), "user", sale.moment - near, sale.moment + near)
    assert type(found) is expected


async def test_the_clock_is_known_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, ticks = DatabaseClock(), [100.0]
    monkeypatch.setattr("subgraphs.stock.claims.clock.time.monotonic", lambda: ticks[0])
    assert clock.bounds() is None

    async def slow() -> datetime:
        ticks[0] += 0.2
        return NOW

    await clock.measure(slow)
    ticks[0] += 1
    earliest, latest = clock.bounds() or (NOW, NOW)
    assert earliest < NOW + timedelta(seconds=1) < NOW + timedelta(seconds=1.2) < latest
    assert latest - earliest < timedelta(seconds=0.4)
    ticks[0] += 5
    assert clock.bounds() is None
