"""By how much what others see may lag behind a payment, while everything runs (docs/consistency.md)."""

import asyncio
import time
from collections.abc import Callable

from sqlalchemy import select

from subgraphs.kit.database.database import Database
from subgraphs.library.models import Game
from tests.clients import eventually
from tests.shop import Shop

PROMISED_SECONDS = 10
"""Many times what it takes on a machine that has nothing else to do."""


async def test_a_payment_reaches_what_others_see_in_the_time_promised(
    shop: Shop, sql: Callable[[str], Database]
) -> None:
    """Reads the library's rows, as the library does for another viewer: nobody catches up."""

    async def lag() -> float:
        customer, game = await shop.customer(), games.pop()
        assert (await shop.checkout(customer, game))["state"] == "PAID"
        answered = time.monotonic()

        async def granted() -> bool:
            async with sql("library").reading() as session:
                return await session.scalar(select(Game.id).where(Game.user_id == customer.id)) is not None

        await eventually(granted, PROMISED_SECONDS)
        return time.monotonic() - answered

    games = [await shop.games.new(usd="0.10") for _ in range(60)]
    alone = sorted([await lag() for _ in range(30)])
    together = sorted(await asyncio.gather(*[lag() for _ in range(30)]))
    for name, lags in {"one after the other": alone, "30 at once": together}.items():
        print(f"  {name}: median {lags[len(lags) // 2]:.3f} s, longest {lags[-1]:.3f} s")
