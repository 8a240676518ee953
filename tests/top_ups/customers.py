"""Customers who buy points."""

import uuid
from dataclasses import dataclass
from typing import Any

from tests.clients import Account, Client, Viewers, eventually

FIELDS = "id state points price currency pageUrl creditedAt"
START = f"mutation($n: Int!, $key: String!) {{ out: startTopUp(points: $n, idempotencyKey: $key) {{ {FIELDS} }} }}"
SHOW = f"query($id: ID!) {{ out: topUp(id: $id) {{ {FIELDS} }} }}"
BALANCE = "{ me { wallet { balance entries { edges { node { kind amount balanceAfter } } } } } }"
REFUND = f"""
mutation($id: ID!) {{ out: refundTopUp(id: $id) {{
    __typename ... on TopUp {{ {FIELDS} }} ... on InsufficientPoints {{ required balance }} }} }}
"""


@dataclass(frozen=True)
class Customers:
    """Through the router, as all clients."""

    client: Client
    viewers: Viewers

    async def new(self) -> Account:
        return await self.viewers.user()

    async def start(self, customer: Account, points: int = 1000, key: str = "") -> dict[str, Any]:
        return await self._out(START, customer, n=points, key=key or str(uuid.uuid4()))

    async def show(self, customer: Account, top_up: str) -> dict[str, Any]:
        return await self._out(SHOW, customer, id=top_up)

    async def refund(self, top_up: str) -> dict[str, Any]:
        return await self._out(REFUND, await self.viewers.admin(), id=top_up)

    async def entries(self, customer: Account) -> list[tuple[str, int, int]]:
        """The ledger, oldest entry first; the wallet's balance is that of the last one."""
        wallet = (await self.client.data(BALANCE, None, customer))["me"]["wallet"]
        nodes = [edge["node"] for edge in reversed(wallet["entries"]["edges"])]
        assert wallet["balance"] == (nodes[-1]["balanceAfter"] if nodes else 0)
        return [(node["kind"], node["amount"], node["balanceAfter"]) for node in nodes]

    async def until(self, customer: Account, top_up: str, state: str) -> dict[str, Any]:
        """The top-up, once it has this state."""

        async def is_there() -> dict[str, Any] | None:
            shown = await self.show(customer, top_up)
            return shown if shown["state"] == state else None

        found: dict[str, Any] = await eventually(is_there, seconds=60)
        return found

    async def _out(self, operation: str, viewer: Account, **variables: Any) -> dict[str, Any]:
        out: dict[str, Any] = (await self.client.data(operation, variables, viewer))["out"]
        return out
