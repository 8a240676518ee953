"""The products for sale during fault injection: unlimited games, and games and flash sales with few units."""

import asyncio
import random
import uuid
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.clients import Account, Client, game_input, sale_input

PUBLISH = """mutation($input: PublishProductInput!) { out: publishProduct(input: $input) {
    __typename id price { points } } }"""
LIMIT = "mutation($id: ID!, $units: Int!) { out: limitStock(productId: $id, units: $units) { __typename } }"
SALE = "mutation($input: FlashSaleInput!) { out: createFlashSale(input: $input) { __typename id } }"
SALE_POINTS = 70
PATIENCE_SECONDS = 120
UNKNOWN = ("UNAVAILABLE", "RATE_LIMITED")
NEVER = ("INTERNAL", "NOT_FOUND", "BAD_USER_INPUT", "UNAUTHENTICATED", "FORBIDDEN", "IDEMPOTENCY_CONFLICT")
"""Error codes that these requests must never get, whatever fails."""


class RetryingClient:
    """A client of the router that repeats each request until its outcome is known."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.wrong: list[str] = []

    async def ask(self, operation: str, account: Account, **variables: Any) -> Any:
        """The final answer: what the mutation returned, or `{"__typename": code}` for an error."""
        until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while asyncio.get_running_loop().time() < until:
            answer = await self._once(operation, account, variables)
            if answer is not None:
                return answer
            await asyncio.sleep(random.uniform(0.05, 0.3))
        raise AssertionError(f"no final answer in {PATIENCE_SECONDS} s: {operation} {variables}")

    async def _once(self, operation: str, account: Account, variables: dict[str, Any]) -> Any:
        try:
            answer = await self._client.run(operation, variables, account)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None  # no answer, or a truncated one
        if not answer or "errors" not in answer:
            return (answer or {}).get("data", {}).get("out")
        code = answer["errors"][0].get("extensions", {}).get("code", "")
        if code in NEVER or not code:
            self.wrong.append(f"{account.id} got {answer['errors'][0]} for {operation} {variables}")
        return None if code in UNKNOWN or code in NEVER else {"__typename": code}


@dataclass
class Shelf:
    """The products on sale, their prices in points, and the flash sales as (sale id, product id)."""

    line: RetryingClient
    developer: Account
    points: dict[str, int] = field(default_factory=dict)
    plain: list[str] = field(default_factory=list)
    scarce: list[str] = field(default_factory=list)
    sales: list[tuple[str, str]] = field(default_factory=list)

    async def stock_up(self) -> None:
        """Publishes the unlimited games, a scarce game and a flash sale."""
        for _ in range(6):
            self.plain.append(await self.plain_game())
        await self.replenish()

    async def replenish(self) -> None:
        """Adds a scarce game and a flash sale."""
        self.scarce.append(await self.scarce_game())
        on_sale = await self.plain_game()
        sale = await self.line.ask(SALE, self.developer, input=sale_input(on_sale, SALE_POINTS, units=4))
        if "id" in sale:  # otherwise the sale was created, but the answer was lost
            self.sales.append((sale["id"], on_sale))

    async def scarce_game(self) -> str:
        game = await self.plain_game()
        await self.line.ask(LIMIT, self.developer, id=game, units=3)
        return game

    async def plain_game(self) -> str:
        made = await self.line.ask(PUBLISH, self.developer, input=game_input(f"Game {uuid.uuid4()}", usd="0.10"))
        self.points[made["id"]] = made["price"]["points"]
        return str(made["id"])
