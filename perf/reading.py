"""Reads under load: signed-in users, each of whom owns some games and wishes for others, read through the router.

Also tells the CPU time of a read, which says more than the rate where the machine is shared.
"""

import argparse
import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import func, select

from perf.common import Call, Shopper, World, body, drive, insert_rows, world
from perf.pay import START_BALANCE, fill_wallets
from perf.report import print_table, save
from subgraphs.kit.database.columns import new_id
from subgraphs.order.models import WishlistItem
from subgraphs.payment.models import Outbox
from subgraphs.product.models import Product

CHECKOUT = "mutation($input: CheckoutInput!) { checkout(input: $input) { __typename } }"
OWNED = WISHED = 5


@dataclass(frozen=True)
class Read:
    """What is read: an operation, its variables for the n-th request, and whether its data is right."""

    name: str
    query: str
    variables: Callable[[int], dict[str, Any]]
    is_right: Callable[[Any], bool]

    def kind(self, answer: bytes) -> str:
        """The kind of an answer: "read" or "error"."""
        result = msgspec.json.decode(answer)
        return "read" if "errors" not in result and self.is_right(result["data"]) else "error"


def main(read: Read, arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog=f"perf {read.name}", description=__doc__)
    parser.add_argument("--requests", type=int, default=4000, help="of each run")
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--warm-up", type=int, default=400, help="requests of a first run that is not measured")
    return asyncio.run(_run(read, parser.parse_args(arguments)))


async def _run(read: Read, options: argparse.Namespace) -> int:
    rows, measurements, wrong = [], {}, 0
    async with world() as store:
        print(f"Preparing {options.users:,} users with games and wishes ...", flush=True)
        shoppers = await prepare(store, options.users)
        print(f"Warming up with {options.warm_up:,} requests ...", flush=True)
        await drive(store.settings.graphql_url, _calls(read, shoppers, options.warm_up), 8)
        for concurrency in options.concurrency:
            print(f"{read.name}, c={concurrency}: {options.requests:,} requests ...", flush=True)
            calls = _calls(read, shoppers, options.requests)
            before = store.cpu_seconds()
            measurement = await drive(store.settings.graphql_url, calls, concurrency)
            measurement.cpu_seconds = store.cpu_seconds(since=before)
            name = f"{read.name}, c={concurrency}"
            rows.append(measurement.row(name))
            measurements[name] = measurement
            wrong += measurement.errors
            for sample in measurement.samples:
                print(f"{name}: {sample}")
    print_table(f"{options.requests:,} reads of {read.name} through {store.settings.graphql_url} (times in ms)", rows)
    print_table(f"CPU time of a read of {read.name} in ms", [one.costs(name) for name, one in measurements.items()])
    print(f"Plot: {save(read.name, rows, measurements)}")
    return 1 if wrong else 0


async def prepare(store: World, users: int) -> list[Shopper]:
    """Users with points, who have bought some games of the catalogue and wish for others."""
    shoppers, now = store.shoppers(users), datetime.now(UTC)
    async with store.databases["product"].reading() as session:
        cheap = select(Product.id).where(Product.points <= START_BALANCE // OWNED).limit(OWNED + WISHED)
        ids = [str(id) for id in await session.scalars(cheap)]
    await fill_wallets(store, [shopper.id for shopper in shoppers], now)
    wanted = {"input": {"productIds": ids[:OWNED], "idempotencyKey": "games"}}
    buying = [Call(shopper.token, body(CHECKOUT, wanted), _bought) for shopper in shoppers]
    bought = await drive(store.settings.graphql_url, buying, 8)
    if bought.errors:
        raise SystemExit(f"The games cannot be bought: {bought.samples[0]}")
    wishes = [
        {"id": new_id(), "user_id": shopper.id, "product_id": product, "added_at": now}
        for shopper in shoppers
        for product in ids[OWNED:]
    ]
    await insert_rows(store.databases["order"], WishlistItem, wishes)
    await _confirmed(store)
    return shoppers


def _bought(answer: bytes) -> str:
    return "bought" if b'"Payment"' in answer else "error"


async def _confirmed(store: World) -> None:
    """Waits until library and order have followed, so that reads find nothing to catch up with."""
    for _ in range(120):
        async with store.databases["payment"].reading() as session:
            if not await session.scalar(select(func.count()).select_from(Outbox)):
                return
        await asyncio.sleep(0.5)
    raise SystemExit("Events are undelivered after a minute.")


def _calls(read: Read, shoppers: Sequence[Shopper], count: int) -> list[Call]:
    return [
        Call(shoppers[number % len(shoppers)].token, body(read.query, read.variables(number)), read.kind)
        for number in range(count)
    ]
