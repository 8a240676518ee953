"""Outbox, stream and inbox: nothing is lost, nothing is applied twice."""

from collections.abc import Callable
from typing import Any

from redis.asyncio import Redis
from sqlalchemy import func, select

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import Database
from subgraphs.library.models import Game, Inbox
from subgraphs.payment.models import Outbox
from tests.clients import eventually
from tests.kit.events import paid
from tests.shop import Shop


async def test_an_event_that_comes_twice_is_applied_once(publish: Any, sql: Callable[[str], Database]) -> None:
    event, event_id = paid(), new_id()
    for _ in range(3):
        await publish(event, event_id)
    last = paid()
    await publish(last)

    async def owned(user_id: str) -> int:
        async with sql("library").reading() as session:
            query = select(func.count()).select_from(Game).where(Game.user_id == user_id)
            return await session.scalar(query) or 0

    await eventually(lambda: owned(last.user_id))
    assert await owned(event.user_id) == 1
    async with sql("library").reading() as session:
        assert await session.get(Inbox, event_id) is not None


async def test_the_outbox_is_empty_once_all_consumers_have_confirmed(
    shop: Shop, sql: Callable[[str], Database]
) -> None:
    await shop.bought(await shop.customer(), await shop.games.new(usd="1.00"))

    async def drained() -> bool:
        async with sql("payment").reading() as session:
            return not await session.scalar(select(func.count()).select_from(Outbox))

    await eventually(drained, 15)


async def test_events_outlive_a_redis_that_loses_everything(
    shop: Shop, redis: Redis, sql: Callable[[str], Database]
) -> None:
    """Redis is emptied again and again while somebody buys: every event arrives all the same."""
    customer = await shop.customer()
    games = [await shop.games.new(usd="0.10") for _ in range(4)]
    for game in games:
        result = await shop.checkout(customer, game)
        assert result["__typename"] == "Payment"
        await redis.flushall()

    async def all_owned() -> bool:
        async with sql("library").reading() as session:
            return set(games) <= set(await session.scalars(select(Game.product_id).where(Game.user_id == customer.id)))

    await eventually(all_owned, 40)
