"""Stock gets the event of a payment only if it holds something for that payment."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from subgraphs.kit.database.database import Database
from subgraphs.payment.models import Outbox
from subgraphs.store.audit.tables import CONSUMERS
from tests.clients import eventually
from tests.shop import Shop


@pytest.fixture
def applied(sql: Callable[[str], Database]) -> Callable[[], Any]:
    """How many events each consumer has applied, once payment's outbox is empty."""

    async def count(database: Database, table: Any) -> int:
        async with database.reading() as session:
            return await session.scalar(select(func.count()).select_from(table)) or 0

    async def is_drained() -> bool:
        return not await count(sql("payment"), Outbox)

    async def counts() -> dict[str, int]:
        await eventually(is_drained, 30)
        return {name: await count(sql(name), tables.Inbox) for name, tables in CONSUMERS.items()}

    return counts


async def bought(shop: Shop, game: str, *, at_once: bool) -> None:
    customer = await shop.customer()
    if at_once:
        assert (await shop.checkout(customer, game))["state"] == "PAID"
    else:
        payment = await shop.started(customer, await shop.ordered(customer, game))
        await shop.client.data("mutation($id: ID!) { pay(paymentId: $id) { __typename } }", {"id": payment}, customer)


@pytest.mark.parametrize("at_once", [True, False], ids=["checkout", "pay"])
@pytest.mark.parametrize("is_limited", [True, False], ids=["limited", "unlimited"])
async def test_stock_gets_the_events_of_what_it_holds(
    shop: Shop, applied: Callable[[], Any], at_once: bool, is_limited: bool
) -> None:
    game = await shop.limited(1) if is_limited else await shop.games.new()
    before = await applied()
    await bought(shop, game, at_once=at_once)
    after = await applied()
    assert {name: after[name] - before[name] for name in CONSUMERS} == {"order": 1, "library": 1, "stock": is_limited}
