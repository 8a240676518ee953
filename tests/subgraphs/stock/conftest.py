"""Drives stock for its tests: limits products, puts them on sale, claims, holds, and reads the state back."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import select, update

from subgraphs.contracts.payment import PaidLine, PaymentCancelled, PaymentPaid, PaymentRefunded
from subgraphs.contracts.stock import HOLD_UNITS, HoldLine, HoldOutcome, HoldRequest
from subgraphs.kit.database.columns import new_id
from subgraphs.stock.claims.scripts import key_of
from subgraphs.stock.models import Claim, FlashSale, LimitedStock
from tests.clients import Account, Games, SubgraphClient, eventually

CREATE = "mutation($input: FlashSaleInput!) { createFlashSale(input: $input) { id state remaining } }"
CLAIM = """mutation($sale: ID!) { claim(saleId: $sale) { __typename
  ... on Claim { id state expiresAt createdAt sale { id points } }
  ... on SoldOut { message sale { id state remaining } }
  ... on SaleNotActive { message sale { id state } } } }"""
RELEASE = "mutation($id: ID!) { releaseClaim(id: $id) { id state sale { remaining } } }"
LIMIT = "mutation($id: ID!, $units: Int!) { limitStock(productId: $id, units: $units) { id stock { remaining } } }"


def now(seconds: float) -> str:
    """The instant in so many seconds, as GraphQL takes it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


@dataclass(frozen=True)
class Counters:
    """Where units are."""

    remaining: int
    held: int
    sold: int


class StockDriver:
    """Does what staff, users and the payment subgraph do with stock."""

    def __init__(self, stock: SubgraphClient, games: Games, sql: Any, publish: Any, redis: Redis) -> None:
        self.redis = redis
        self.stock = stock
        self.games = games
        self.sql = sql
        self._publish = publish

    async def limited(self, units: int) -> str:
        """A new product of limited quantity."""
        product = await self.games.new()
        await self.stock.data(LIMIT, {"id": product, "units": units}, self.games.developer)
        return product

    async def sale(self, units: int, *, product: str = "", starts: float = -60, ends: float = 3600) -> str:
        """A new flash sale at 500 points, of a new product unless one is named."""
        plan = {"productId": product or await self.games.new(), "points": 500, "units": units}
        plan |= {"startsAt": now(starts), "endsAt": now(max(ends, 60))}
        made = await self.stock.data(CREATE, {"input": plan}, self.games.developer)
        sale_id: str = made["createFlashSale"]["id"]
        if ends < 60:
            await self.write(update(FlashSale).where(FlashSale.id == sale_id), ends_at=_in(ends))
        return sale_id

    async def claim(self, viewer: Account, sale: str) -> dict[str, Any]:
        answer = await self.stock.data(CLAIM, {"sale": sale}, viewer)
        result: dict[str, Any] = answer["claim"]
        return result

    async def claimed(self, viewer: Account, sale: str) -> str:
        """Claims a unit, and returns the claim's id."""
        result = await self.claim(viewer, sale)
        assert result["__typename"] == "Claim", result
        claim_id: str = result["id"]
        return claim_id

    async def lapse(self, claim_id: str, seconds: float = -1) -> None:
        """Moves a claim's end into the past.

        The cache does not notice, so the sale is invalidated: once it is filled in, because a filler at work may
        have read the claim before.
        """
        await self.write(update(Claim).where(Claim.id == claim_id), expires_at=_in(seconds))
        async with self.sql("stock").reading() as session:
            claim = await session.get_one(Claim, claim_id)
        meta = key_of(claim.sale_id, "meta")
        for _ in range(60):
            if await self.redis.hexists(meta, "sale"):
                break
            await asyncio.sleep(0.05)
        await self.redis.hdel(meta, "sale")

    async def hold(self, viewer: Account, *lines: HoldLine, payment: str = "") -> tuple[str, HoldOutcome]:
        request = HoldRequest(payment_id=payment or new_id(), user_id=viewer.id, lines=list(lines))
        return request.payment_id, (await self.stock.command(HOLD_UNITS, [request]))[0]

    async def held(self, viewer: Account, *lines: HoldLine) -> str:
        """A payment that holds the lines."""
        payment, outcome = await self.hold(viewer, *lines)
        assert outcome.kind == "held"
        return payment

    async def of_product(self, product: str) -> Counters:
        async with self.sql("stock").reading() as session:
            row = await session.get_one(LimitedStock, product)
            return Counters(row.remaining, row.held, row.sold)

    async def of_sale(self, sale: str) -> Counters:
        async with self.sql("stock").reading() as session:
            row = await session.get_one(FlashSale, sale)
            return Counters(row.remaining, row.held, row.sold)

    async def cached_claims(self, sale: str) -> int:
        """How many units have an owner in the claim cache. Waits until the sale is filled in."""

        async def ready() -> bool:
            return bool(await self.redis.hexists(key_of(sale, "meta"), "sale"))

        await eventually(ready, seconds=60)  # a filler that was killed keeps its lease for 15 s
        return int(await self.redis.hlen(key_of(sale, "claims")))

    async def cache_agrees(self, sale: str, units: int) -> None:
        """Waits until the claim cache has as many owners as SQL, which has `units`."""
        counters = await self.of_sale(sale)
        assert counters.held + counters.sold == units

        async def agrees() -> bool:
            return await self.cached_claims(sale) == units

        await eventually(agrees)

    async def state_of(self, claim_id: str) -> str:
        async with self.sql("stock").reading() as session:
            return str(await session.scalar(select(Claim.state).where(Claim.id == claim_id)))

    async def write(self, statement: Any, **values: Any) -> None:
        async with self.sql("stock").transaction() as session:
            await session.execute(statement.values(**values))

    async def deliver(self, *events: Any) -> None:
        """Publishes events, and waits until all are applied: a last one, of another payment, shows it."""
        viewer = Account(new_id(), "")
        product = await self.limited(1)
        payment = await self.held(viewer, HoldLine(product_id=product))
        for event in (*events, paid(payment, viewer, HoldLine(product_id=product))):
            await self._publish(event)

        async def sold() -> bool:
            return (await self.of_product(product)).sold == 1

        await eventually(sold)


def paid(payment: str, viewer: Account, *lines: HoldLine) -> PaymentPaid:
    return PaymentPaid(
        payment_id=payment,
        order_id=new_id(),
        user_id=viewer.id,
        paid_at=datetime.now(UTC),
        lines=_paid_lines(lines),
    )


def cancelled(payment: str, viewer: Account) -> PaymentCancelled:
    return PaymentCancelled(payment_id=payment, order_id=new_id(), user_id=viewer.id)


def refunded(payment: str, viewer: Account, *lines: HoldLine) -> PaymentRefunded:
    return PaymentRefunded(refund_id=new_id(), payment_id=payment, user_id=viewer.id, lines=_paid_lines(lines))


def _paid_lines(lines: Any) -> list[PaidLine]:
    return [PaidLine(product_id=line.product_id, points=500, claim_id=line.claim_id) for line in lines]


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def driver(stock: SubgraphClient, games: Games, sql: Any, publish: Any, redis: Redis) -> StockDriver:
    return StockDriver(stock, games, sql, publish, redis)
