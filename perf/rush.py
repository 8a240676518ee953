"""One flash sale under load: many users claim few units at once through the router. Checks the end state."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
import msgspec
from prometheus_client.parser import text_string_to_metric_families
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import select

from perf.common import Call, Measurement, Shopper, World, body, drive
from subgraphs.stock.claims.scripts import key_of
from subgraphs.stock.models import Claim, FlashSale

PUBLISH = "mutation($input: PublishProductInput!) { publishProduct(input: $input) { id } }"
CREATE = "mutation($input: FlashSaleInput!) { createFlashSale(input: $input) { id } }"
CLAIM = "mutation Claim($sale: ID!) { claim(saleId: $sale) { __typename ... on Claim { id expiresAt } } }"
SALE = "query($id: ID!) { flashSale(id: $id) { remaining state } }"
KINDS = ("Claim", "SoldOut", "SaleNotActive")
CACHE_SECONDS = 60.0
ROUNDS = 60


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


async def measure(
    store: World,
    users: int,
    units: int,
    concurrency: int,
    *,
    persist: bool = False,
    meanwhile: Callable[[Rush], Awaitable[None]] | None = None,
) -> tuple[Measurement, list[str]]:
    """Runs one flash sale; the measurement and the faults.

    With `persist`, users without an answer try again, in 60 rounds at most. `meanwhile` runs during the load.
    """
    shoppers = store.shoppers(users)
    async with aiohttp.ClientSession() as http:
        rush = Rush(await _open_sale(store, http, units), users, units)
        request = body(CLAIM, {"sale": rush.sale_id})
        calls = {user.id: Call(user.token, request, partial(rush.kind, user.id)) for user in shoppers}
        before = await _statements(store, http)
        beside = asyncio.ensure_future(meanwhile(rush)) if meanwhile else None
        measurement = await drive(store.settings.graphql_url, list(calls.values()), concurrency)
        for _ in range(ROUNDS if persist else 0):
            if again := [call for user, call in calls.items() if user not in rush.answered]:
                await asyncio.sleep(1)
                await drive(store.settings.graphql_url, again, concurrency)
        if beside:
            await beside
        statements = await _statements(store, http) - before
        if store.settings.workers == 1 and not measurement.errors:  # /metrics counts one process since its start
            print(f"U={units}, c={concurrency}: {statements / max(len(rush.won), 1):.2f} SQL statements per claim")
        return measurement, [*await _faults_in_sql(store, rush), *await _faults_shown(store, http, rush)]


async def _open_sale(store: World, http: aiohttp.ClientSession, units: int) -> str:
    """Publishes a product and opens a flash sale of it; the sale's id."""
    staff, now = store.developer(), datetime.now(UTC)
    game = {"title": "Flash Sale", "description": "Made for a measurement.", "usd": "9.99", "genres": ["Indie"]}
    made = await _ask(store, http, PUBLISH, {"input": {**game, "platforms": ["LINUX"]}}, staff)
    times = {
        "startsAt": (now - timedelta(minutes=1)).isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
    }
    plan = {"productId": made["publishProduct"]["id"], "points": 500, "units": units, **times}
    sale = await _ask(store, http, CREATE, {"input": plan}, staff)
    return str(sale["createFlashSale"]["id"])


async def _ask(
    store: World, http: aiohttp.ClientSession, query: str, variables: dict[str, Any], viewer: Shopper
) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {viewer.token}"}
    request = {"query": query, "variables": variables}
    async with http.post(store.settings.graphql_url, json=request, headers=headers) as response:
        answer = await response.json()
    if "errors" in answer:
        raise SystemExit(f"The sale cannot be prepared: {answer['errors']}")
    data: dict[str, Any] = answer["data"]
    return data


async def _statements(store: World, http: aiohttp.ClientSession) -> float:
    """The number of SQL statements that stock has executed for requests."""
    url, headers = f"{store.settings.base_url_of('stock')}/metrics", store.settings.router_headers()
    async with http.get(url, headers=headers) as response:
        families = text_string_to_metric_families(await response.text())
    samples = [sample for family in families for sample in family.samples]
    name = "steampunk_sql_statements_total"
    return sum(s.value for s in samples if s.name == name and s.labels["work"] == "request")


async def _faults_in_sql(store: World, rush: Rush) -> list[str]:
    """Compares the rows in SQL with the answers: the right number of winners, each with the acknowledged claim."""
    async with store.databases["stock"].reading() as session:
        sale = await session.get_one(FlashSale, rush.sale_id)
        rows = await session.execute(select(Claim.user_id, Claim.id).where(Claim.sale_id == rush.sale_id))
        stored = [(row.user_id, row.id) for row in rows]
    taken = sale.held + sale.sold
    checks = {
        f"{rush.users - len(rush.answered)} users got no answer": len(rush.answered) == rush.users,
        f"{len(rush.won)} users were told that they won, not {rush.winners}": len(rush.won) == rush.winners,
        f"SQL has {len(stored)} claims, not {rush.winners}": len(stored) == rush.winners,
        f"SQL counts {taken} units taken, not {rush.winners}": taken == rush.winners,
        "a user has two claims": len(dict(stored)) == len(stored),
        "an acknowledged claim is not there": rush.won.items() <= dict(stored).items(),
    }
    return [fault for fault, holds in checks.items() if not holds]


async def _faults_shown(store: World, http: aiohttp.ClientSession, rush: Rush) -> list[str]:
    """The API and the claim cache against what must be."""
    shown = (await _ask(store, http, SALE, {"id": rush.sale_id}, store.developer()))["flashSale"]
    expected = {"remaining": rush.units - rush.winners, "state": "OPEN"}
    if not expected["remaining"]:
        expected["state"] = "SOLD_OUT"
    faults = [] if shown == expected else [f"the API shows {shown}, not {expected}"]
    cached = await _cached_claims(store, rush)
    return faults if cached == rush.winners else [*faults, f"Redis has {cached} claims, not {rush.winners}"]


async def _cached_claims(store: World, rush: Rush) -> int:
    """The claims that Redis has; waits a while for as many as there must be."""
    redis = Redis.from_url(store.settings.environment()["STEAMPUNK_REDIS_URL"], protocol=2)
    until = time.monotonic() + CACHE_SECONDS
    count = -1
    async with redis:
        while count != rush.winners and time.monotonic() < until:
            try:
                count = await redis.hlen(key_of(rush.sale_id, "claims"))
            except RedisError:
                count = -1
            await asyncio.sleep(0.1)
    return count
