"""A flash sale that many users claim at once, and what its end state must be."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
from redis.exceptions import RedisError
from sqlalchemy import select

from perf.load import Call, body
from perf.world import Shopper, World
from subgraphs.kit.redis.client import connect
from subgraphs.stock.claims.scripts import key_of
from subgraphs.stock.models import Claim, FlashSale

PUBLISH = "mutation($input: PublishProductInput!) { publishProduct(input: $input) { id } }"
CREATE = "mutation($input: FlashSaleInput!) { createFlashSale(input: $input) { id } }"
CLAIM = "mutation Claim($sale: ID!) { claim(saleId: $sale) { __typename ... on Claim { id expiresAt } } }"
SALE = "query($id: ID!) { flashSale(id: $id) { remaining state } }"
KINDS = ("Claim", "SoldOut", "SaleNotActive")
CACHE_SECONDS = 60.0


@dataclass
class Rush:
    """One flash sale, and the answers that its users got."""

    sale_id: str
    users: int
    units: int
    won: dict[str, str] = field(default_factory=dict)
    """The acknowledged claims: claim id by user id."""
    answered: set[str] = field(default_factory=set)
    """The ids of the users who got a correct answer."""

    @property
    def winners(self) -> int:
        """How many users must win."""
        return min(self.users, self.units)

    def calls(self, shoppers: Sequence[Shopper]) -> list[Call]:
        """A claim of each of these users."""
        request = body(CLAIM, {"sale": self.sale_id})
        return [Call(one.token, request, partial(self.kind, one.id)) for one in shoppers]

    def kind(self, user_id: str, answer: bytes) -> str:
        """The kind of an answer, which is also recorded."""
        result = msgspec.json.decode(answer)
        claim = (result.get("data") or {}).get("claim") or {}
        if result.get("errors") or claim.get("__typename") not in KINDS:
            return "error"
        self.answered.add(user_id)
        if claim["__typename"] == "Claim":
            self.won[user_id] = claim["id"]
        return str(claim["__typename"])

    async def faults(self, store: World) -> list[str]:
        """What is wrong in SQL, in the API and in the claim cache, once all have claimed."""
        return [*await self._in_sql(store), *await self._shown(store), *await self._cached(store)]

    async def _in_sql(self, store: World) -> list[str]:
        """Compares the rows in SQL with the answers: the right number of winners, each with the acknowledged claim."""
        async with store.databases["stock"].reading() as session:
            sale = await session.get_one(FlashSale, self.sale_id)
            rows = await session.execute(select(Claim.user_id, Claim.id).where(Claim.sale_id == self.sale_id))
            stored = [(row.user_id, row.id) for row in rows]
        taken = sale.held + sale.sold
        checks = {
            f"{self.users - len(self.answered)} users got no answer": len(self.answered) == self.users,
            f"{len(self.won)} users were told that they won, not {self.winners}": len(self.won) == self.winners,
            f"SQL has {len(stored)} claims, not {self.winners}": len(stored) == self.winners,
            f"SQL counts {taken} units taken, not {self.winners}": taken == self.winners,
            "a user has two claims": len(dict(stored)) == len(stored),
            "an acknowledged claim is not there": self.won.items() <= dict(stored).items(),
        }
        return [fault for fault, holds in checks.items() if not holds]

    async def _shown(self, store: World) -> list[str]:
        shown = (await store.ask(SALE, {"id": self.sale_id}, store.developer()))["flashSale"]
        remaining = self.units - self.winners
        expected = {"remaining": remaining, "state": "OPEN" if remaining else "SOLD_OUT"}
        return [] if shown == expected else [f"the API shows {shown}, not {expected}"]

    async def _cached(self, store: World) -> list[str]:
        """Waits a while until Redis has as many claims as there must be."""
        until = time.monotonic() + CACHE_SECONDS
        count = -1
        async with connect(store.settings.any_redis_url) as redis:
            while count != self.winners and time.monotonic() < until:
                try:
                    count = await redis.hlen(key_of(self.sale_id, "claims"))
                except RedisError:
                    count = -1
                await asyncio.sleep(0.1)
        return [] if count == self.winners else [f"Redis has {count} claims, not {self.winners}"]


async def open_rush(store: World, users: int, units: int) -> Rush:
    """Publishes a product and opens a flash sale of it."""
    staff, now = store.developer(), datetime.now(UTC)
    game = {"title": "Flash Sale", "description": "Made for a measurement.", "usd": "9.99", "genres": ["Indie"]}
    made = await store.ask(PUBLISH, {"input": {**game, "platforms": ["LINUX"]}}, staff)
    times = {"startsAt": (now - timedelta(minutes=1)).isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
    plan = {"productId": made["publishProduct"]["id"], "points": 500, "units": units, **times}
    sale = await store.ask(CREATE, {"input": plan}, staff)
    return Rush(str(sale["createFlashSale"]["id"]), users, units)
