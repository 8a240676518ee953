"""What a recipe makes its sample with: a store whose processes can be killed, accounts, games and flash sales."""

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
from tests.upgrade.asking import sign_in
from tests.upgrade.sample import Credentials, Unfinished

FOREVER = "2000000000"
"""Seconds: longer than anybody will care for a sample."""

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
class Making:
    """A sample on its way: the store, who and what there is in it, and what it has not finished."""

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
        """Registers `name`@example.com, and buys points."""
        credentials = Credentials(f"{name}@example.com", f"password of {name}")
        wanted = {"email": credentials.email, "password": credentials.password, "name": name.capitalize()}
        session = (await self.client.data(REGISTER, {"input": {**wanted, "phoneNumber": "+49 30 901820"}}))["out"]
        self.accounts[name] = credentials
        self.signed_in[name] = Account(session["user"]["id"], session["accessToken"])
        if points:
            await self.do(name, "Wallet", TOP_UP, n=points, key=new_key())

    async def grant(self, name: str, role: str) -> None:
        """Gives an account a role as an operator does, and signs it in with that."""
        credentials = self.accounts[name]
        command = [sys.executable, "-m", "subgraphs", "grant", credentials.email, role]
        environment = self.store.store.settings.environment()
        await asyncio.to_thread(subprocess.run, command, check=True, env=environment, stdout=subprocess.DEVNULL)
        self.signed_in[name] = await sign_in(self.client, credentials.email, credentials.password)

    # ---- what accounts do

    async def do(self, name: str, outcome: str, operation: str, **variables: Any) -> dict[str, Any]:
        """An operation of an account, which must end in this type or error code."""
        answer: dict[str, Any] = await RetryingClient(self.client).ask(operation, self.signed_in[name], **variables)
        assert answer["__typename"] == outcome, f"{name}: {operation} {variables}: {answer}"
        return answer

    async def game(self, usd: str = "2.00", units: int | None = None, title: str = "") -> str:
        """A new game; with units, a limited one."""
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

    async def claimed(self, name: str, sale: str) -> str:
        return str((await self.do(name, "Claim", CLAIM, id=sale))["id"])

    async def buys(self, name: str, *games: str, outcome: str = "Payment", **options: Any) -> str:
        """A checkout; the payment's id. Waits until bought games are in the library."""
        wanted = {"productIds": list(games), "idempotencyKey": new_key(), **options}
        payment_id = str((await self.do(name, outcome, CHECKOUT, input=wanted)).get("id"))
        if outcome == "Payment":
            await eventually(lambda: self._owns(name, games), 30)
        return payment_id

    async def orders(self, name: str, *games: str) -> str:
        for game in games:
            await self.do(name, "WishlistItem", WISH, id=game)
        wanted = {"productIds": list(games), "idempotencyKey": new_key()}
        return str((await self.do(name, "Order", ORDER, input=wanted))["id"])

    async def starts(self, name: str, *games: str) -> str:
        """Orders games, and starts the payment of the order; its id."""
        order_id = await self.orders(name, *games)
        return str((await self.do(name, "Payment", START, id=order_id, key=new_key()))["id"])

    async def refunds(self, name: str, payment_id: str, *games: str, outcome: str = "Refund") -> None:
        await self.do(name, outcome, REFUND, id=payment_id, products=list(games) or None, key=new_key())

    async def becomes(self, name: str, payment_id: str, state: str) -> None:
        """Waits until a payment is in a state."""

        async def is_so() -> bool:
            return bool((await self.do(name, "Payment", STATE, id=payment_id))["state"] == state)

        await eventually(is_so, 60)

    async def _owns(self, name: str, games: tuple[str, ...]) -> bool:
        library = (await self.do(name, "User", LIBRARY))["library"]
        return set(games) <= {edge["node"]["product"]["id"] for edge in library["edges"]}

    # ---- what the store meets

    async def serve(self, subgraph: str, **settings: str) -> None:
        """Has a subgraph run with other settings from now on."""
        names = {f"STEAMPUNK_{name.upper()}": value for name, value in settings.items()}
        self.store.serve_with(subgraph, **names)
        await self.store.ready()

    async def caught(self, name: str, point: str, operation: str, **variables: Any) -> None:
        """Sends what payment is killed over when it reaches a point; payment runs again after."""
        fault = Fault(uuid.uuid4().hex, point, "kill")
        self.store.arm("payment", fault)
        answer = await self.client.run(operation, variables, self.signed_in[name])
        assert answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE", answer
        assert await within(15, lambda: self.store.is_dead("payment")), f"payment never reached {point}"
        await self.store.heal()
        self.unfinished.append(Unfinished(name, point, operation, variables))

    async def sql(self, subgraph: str, statement: str, **parameters: Any) -> list[Any]:
        """The rows of a statement in a subgraph's database."""
        engine = create_async_engine(self.store.settings.database_of(subgraph))
        try:
            async with engine.begin() as connection:
                result = await connection.execute(text(statement), parameters)
                return list(result.all()) if result.returns_rows else []
        finally:
            await engine.dispose()


def new_key() -> str:
    return str(uuid.uuid4())
