"""Builds a sample: creates accounts, games and flash sales, shops, and interrupts requests."""

import asyncio
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from subgraphs.kit.failpoints import Fault
from tests.clients import Account, Client, eventually
from tests.faults.injections import within
from tests.faults.shop import RetryingClient
from tests.faults.store import FaultyStore
from tests.upgrade.sample import Credentials, Unfinished
from tests.upgrade.snapshots import sign_in

FOREVER = "2000000000"
"""Seconds: longer than any sample is needed."""

PAYMENT = "__typename ... on Payment { id state amount order { id } }"
REGISTER = """mutation($input: RegisterInput!) { out: register(input: $input) {
    __typename ... on Session { accessToken user { id } } } }"""
TOP_UP = "mutation($n: Int!, $key: String!) { out: topUp(amount: $n, idempotencyKey: $key) { __typename balance } }"
PUBLISH = """mutation($input: PublishProductInput!) { out: publishProduct(input: $input) {
    __typename id price { points } } }"""
LIMIT = "mutation($id: ID!, $units: Int!) { out: limitStock(productId: $id, units: $units) { __typename } }"
SALE = "mutation($input: FlashSaleInput!) { out: createFlashSale(input: $input) { __typename id } }"
CLAIM = "mutation($id: ID!) { out: claim(saleId: $id) { __typename ... on Claim { id } } }"
CHECKOUT = f"mutation($input: CheckoutInput!) {{ out: checkout(input: $input) {{ {PAYMENT} }} }}"
WISH = "mutation($id: ID!) { out: addToWishlist(productId: $id) { __typename } }"
ORDER = "mutation($input: PlaceOrderInput!) { out: placeOrder(input: $input) { __typename ... on Order { id } } }"
START = f"mutation($id: ID!, $key: String!) {{ out: startPayment(orderId: $id, idempotencyKey: $key) {{ {PAYMENT} }} }}"
PAY = f"mutation($id: ID!) {{ out: pay(paymentId: $id) {{ {PAYMENT} }} }}"
CANCEL = "mutation($id: ID!) { out: cancelPayment(id: $id) { __typename state } }"
REFUND = """mutation($id: ID!, $products: [ID!], $key: String!) {
    out: refund(paymentId: $id, productIds: $products, idempotencyKey: $key) {
        __typename ... on Refund { id amount } ... on NotRefundable { lines { product { id } reason } } } }"""
PLAY = "mutation($id: ID!) { out: play(productId: $id) { __typename } }"
STATE = "query($id: ID!) { out: payment(id: $id) { __typename state } }"
LIBRARY = "{ out: me { __typename library(first: 100) { edges { node { product { id } } } } } }"


@dataclass
class SampleBuilder:
    """A sample in the making: the store, and what the expectation must record about it."""

    store: FaultyStore
    client: Client
    accounts: dict[str, Credentials] = field(default_factory=dict)
    signed_in: dict[str, Account] = field(default_factory=dict)
    unfinished: list[Unfinished] = field(default_factory=list)
    dead_letter: str = ""
    ready_payment: str = ""
    held_claim: dict[str, str] = field(default_factory=dict)

    # ---- accounts

    async def account(self, name: str, points: int = 100_000) -> None:
        """Registers `name`@example.com and buys points."""
        credentials = Credentials(f"{name}@example.com", f"password of {name}")
        wanted = {"email": credentials.email, "password": credentials.password, "name": name.capitalize()}
        session = (await self.client.data(REGISTER, {"input": {**wanted, "phoneNumber": "+49 30 901820"}}))["out"]
        self.accounts[name] = credentials
        self.signed_in[name] = Account(session["user"]["id"], session["accessToken"])
        if points:
            await self.do(name, "Wallet", TOP_UP, n=points, key=new_key())

    async def grant(self, name: str, role: str) -> None:
        """Grants a role to an account as an operator does, and signs in again."""
        credentials = self.accounts[name]
        command = [sys.executable, "-m", "subgraphs", "grant", credentials.email, role]
        environment = self.store.store.settings.environment()
        await asyncio.to_thread(subprocess.run, command, check=True, env=environment, stdout=subprocess.DEVNULL)
        self.signed_in[name] = await sign_in(self.client, credentials.email, credentials.password)

    # ---- requests

    async def do(self, name: str, outcome: str, operation: str, **variables: Any) -> dict[str, Any]:
        """Runs an operation for an account and asserts its outcome: a type name or an error code."""
        answer: dict[str, Any] = await RetryingClient(self.client).ask(operation, self.signed_in[name], **variables)
        assert answer["__typename"] == outcome, f"{name}: {operation} {variables}: {answer}"
        return answer

    async def game(self, usd: str = "2.00", units: int | None = None, title: str = "") -> str:
        """Publishes a game and returns its id. With `units`, its stock is limited."""
        number = uuid.uuid4().hex[:6]
        game = {"title": title or f"Harbour {number}", "description": f"Ships come and go. {number}", "usd": usd}
        lists = {"genres": ["Indie", "Strategy"], "platforms": ["LINUX", "MAC"], "releasedOn": "2026-04-01"}
        game_id = str((await self.do("developer", "Product", PUBLISH, input={**game, **lists}))["id"])
        if units is not None:
            await self.do("developer", "Product", LIMIT, id=game_id, units=units)
        return game_id

    async def sale(self, game: str, units: int, starts_in: float = -5, ends_in: float = float(FOREVER)) -> str:
        now = datetime.now(UTC)
        times = {"startsAt": now + timedelta(seconds=starts_in), "endsAt": now + timedelta(seconds=ends_in)}
        wanted = {"productId": game, "points": 500, "units": units}
        wanted |= {name: instant.isoformat() for name, instant in times.items()}
        return str((await self.do("developer", "FlashSale", SALE, input=wanted))["id"])

    async def claim(self, name: str, sale: str) -> str:
        return str((await self.do(name, "Claim", CLAIM, id=sale))["id"])

    async def buy(self, name: str, *games: str, outcome: str = "Payment", **options: Any) -> str:
        """Checks out and returns the payment's id. Waits until bought games are in the library."""
        wanted = {"productIds": list(games), "idempotencyKey": new_key(), **options}
        payment_id = str((await self.do(name, outcome, CHECKOUT, input=wanted)).get("id"))
        if outcome == "Payment":
            await eventually(lambda: self._owns(name, games), 30)
        return payment_id

    async def place_order(self, name: str, *games: str) -> str:
        for game in games:
            await self.do(name, "WishlistItem", WISH, id=game)
        wanted = {"productIds": list(games), "idempotencyKey": new_key()}
        return str((await self.do(name, "Order", ORDER, input=wanted))["id"])

    async def start_payment(self, name: str, *games: str) -> str:
        """Orders games, starts the payment, and returns its id."""
        order_id = await self.place_order(name, *games)
        return str((await self.do(name, "Payment", START, id=order_id, key=new_key()))["id"])

    async def refund(self, name: str, payment_id: str, *games: str, outcome: str = "Refund") -> None:
        await self.do(name, outcome, REFUND, id=payment_id, products=list(games) or None, key=new_key())

    async def wait_for_state(self, name: str, payment_id: str, state: str) -> None:
        """Waits until a payment has a state."""

        async def has_state() -> bool:
            return bool((await self.do(name, "Payment", STATE, id=payment_id))["state"] == state)

        await eventually(has_state, 60)

    async def _owns(self, name: str, games: tuple[str, ...]) -> bool:
        library = (await self.do(name, "User", LIBRARY))["library"]
        return set(games) <= {edge["node"]["product"]["id"] for edge in library["edges"]}

    # ---- the store

    async def serve(self, subgraph: str, **settings: str) -> None:
        """Restarts a subgraph with other settings."""
        names = {f"STEAMPUNK_{name.upper()}": value for name, value in settings.items()}
        self.store.serve_with(subgraph, **names)
        await self.store.ready()

    async def interrupt(self, name: str, point: str, operation: str, **variables: Any) -> None:
        """Sends a request during which payment is killed at a failpoint. Restarts payment afterwards."""
        fault = Fault(uuid.uuid4().hex, point, "kill")
        self.store.arm("payment", fault)
        answer = await self.client.run(operation, variables, self.signed_in[name])
        assert answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE", answer
        assert await within(15, lambda: self.store.is_dead("payment")), f"payment never reached {point}"
        await self.store.heal()
        self.unfinished.append(Unfinished(name, point, operation, variables))

    async def sql(self, subgraph: str, statement: str, **parameters: Any) -> list[Any]:
        """Runs a statement in a subgraph's database and returns its rows."""
        engine = create_async_engine(self.store.settings.database_of(subgraph))
        try:
            async with engine.begin() as connection:
                result = await connection.execute(text(statement), parameters)
                return list(result.all()) if result.returns_rows else []
        finally:
            await engine.dispose()


def new_key() -> str:
    return str(uuid.uuid4())
