"""Signed-in users who own some games and wish for others, and read."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from perf.load import Call, body, drive
from perf.scenario import Load
from perf.scenarios.checkout import checkout, kind
from perf.scenarios.games import games
from perf.scenarios.points import START_BALANCE, fill_wallets
from perf.world import Shopper, World, delivered, insert_rows
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.problems import Problem
from subgraphs.order.models import WishlistItem

OWNED = WISHED = 5
MOST = 200
"""The most readers; they take turns."""

_readers: WeakKeyDictionary[World, list[Shopper]] = WeakKeyDictionary()


def reads(
    query: str, variables: Callable[[int], dict[str, Any]], is_right: Callable[[Any], bool]
) -> Callable[[World, int], Awaitable[Load]]:
    """Prepares reads: an operation, its variables for the n-th request, and whether its data is right."""

    def kind(answer: bytes) -> str:
        result = msgspec.json.decode(answer)
        return "read" if "errors" not in result and is_right(result["data"]) else "error"

    async def prepare(store: World, count: int) -> Load:
        readers = await readers_of(store, min(MOST, count))
        return Load([Call(readers[n % len(readers)].token, body(query, variables(n)), kind) for n in range(count)])

    return prepare


async def readers_of(store: World, count: int) -> Sequence[Shopper]:
    """Readers, made once for all runs."""
    known = _readers.setdefault(store, [])
    if len(known) < count:
        known += await _new_readers(store, count - len(known))
    return known


async def _new_readers(store: World, count: int) -> list[Shopper]:
    shoppers, listed = store.shoppers(count), await games(store, OWNED + WISHED, START_BALANCE // OWNED)
    ids = [game.id for game in listed]
    await fill_wallets(store, shoppers)
    buying = [Call(one.token, checkout(ids[:OWNED], key="games"), kind) for one in shoppers]
    bought = await drive(store.url, buying, 8)
    if bought.errors:
        raise Problem(f"The games cannot be bought: {bought.samples[0]}")
    now = datetime.now(UTC)
    wishes = [
        {"id": new_id(), "user_id": one.id, "product_id": product, "added_at": now}
        for one in shoppers
        for product in ids[OWNED:]
    ]
    await insert_rows(store.databases["order"], WishlistItem, wishes)
    if not await delivered(store):  # reads shall find nothing to catch up with
        raise Problem("Events are undelivered after two minutes.")
    return shoppers
