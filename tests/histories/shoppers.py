"""Clients that want the same few things at the same time, some of them with the same account."""

import asyncio
import uuid
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.clients import Account, Client, Viewers, sale_input
from tests.faults.customer import CANCEL, CHECKOUT, CLAIM, ORDER, OWNED, PAY, PLAY, REFUND, RELEASE, START, TOP_UP, WISH
from tests.faults.shop import LIMIT, SALE, SALE_POINTS, RetryingClient, Shelf
from tests.histories.recorder import Recording

BALANCE = "{ out: me { wallet { balance } } }"
LIBRARY = "{ out: me { library(first: 100) { edges { node { product { id } } } } } }"
STOCK = "query($id: ID!) { out: product(id: $id) { stock { remaining } } }"
REMAINING = "query($id: ID!) { out: flashSale(id: $id) { remaining } }"
STATE = "query($id: ID!) { out: order(id: $id) { state } }"
USERS, CLIENTS = 3, 8


@dataclass
class Crowd:
    """A recording, the clients that fill it, and what they shop for."""

    client: Client
    recording: Recording
    viewers: Viewers
    shelf: Shelf = field(init=False)
    line: RetryingClient = field(init=False)

    def __post_init__(self) -> None:
        self.line = RetryingClient(self.client)

    async def shop(self, acts: int, seed: int = 1) -> None:
        """Clients do `acts` random things each. In the end everybody reads everything."""
        self.shelf = Shelf(self.line, await self.viewers.developer())
        await self.shelf.stock_up()
        users = [Basket(await self.viewers.user()) for _ in range(USERS)]
        clients = [Shopper(self, users[number % USERS], Random(f"{seed}-{number}")) for number in range(CLIENTS)]
        async with asyncio.TaskGroup() as tasks:
            for client in clients[:USERS]:
                tasks.create_task(client.top_up(800))
        async with asyncio.TaskGroup() as tasks:
            for client in clients:
                tasks.create_task(client.shop(acts))
        for client in clients[:USERS]:
            await client.read_everything()
        assert self.line.wrong == []


@dataclass
class Basket:
    """What the clients of one account know of each other."""

    account: Account
    payments: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)


@dataclass
class Shopper:
    crowd: Crowd
    basket: Basket
    rng: Random

    async def shop(self, acts: int) -> None:
        buying = [self.buy] * 4 + [self.order_and_pay] * 3 + [self.claim] * 3 + [self.top_up] * 3 + [self.refund] * 4
        reading = [self.balance, self.balance, self.owned, self.stock, self.remaining, self.state, self.library]
        for act in self.rng.choices([*buying, *reading, *reading, self.play, self.restock], k=acts):
            await act()

    async def ask(self, operation: str, **variables: Any) -> Any:
        return await self.crowd.line.ask(operation, self.basket.account, **variables)

    # ---- acts

    async def top_up(self, points: int = 200) -> None:
        await self.ask(TOP_UP, n=points, key=str(uuid.uuid4()))

    async def buy(self) -> None:
        wanted = self.rng.choice(([self.game()], [self.scarce()], [self.game(), self.scarce()]))
        await self.checkout(wanted)

    async def order_and_pay(self) -> None:
        product = self.rng.choice((self.game(), self.scarce()))
        await self.ask(WISH, id=product)
        order = await self.ask(ORDER, input={"productIds": [product], "idempotencyKey": str(uuid.uuid4())})
        if order["__typename"] != "Order":
            return
        self.basket.orders.append(order["id"])
        started = await self.ask(START, id=order["id"], key=str(uuid.uuid4()))
        if started["__typename"] != "Payment":
            return
        pay, cancel = (lambda: self.pay(started["id"])), (lambda: self.ask(CANCEL, id=started["id"]))
        ends = self.rng.choice(((pay,), (cancel,), (pay, cancel), (pay, pay), ()))
        await asyncio.gather(*[end() for end in ends])
        await self.ask(STATE, id=order["id"])

    async def pay(self, payment_id: str) -> None:
        if (await self.ask(PAY, id=payment_id))["__typename"] == "Payment":
            self.basket.payments.append(payment_id)

    async def claim(self) -> None:
        sale, product = self.crowd.shelf.sales[-1]
        claim = await self.ask(CLAIM, id=sale)
        if claim["__typename"] == "Claim":
            match self.rng.choice(("buy", "release", "forget")):
                case "buy":
                    await self.checkout([product], claimIds=[claim["id"]])
                case "release":
                    await self.ask(RELEASE, id=claim["id"])
        await self.ask(REMAINING, id=sale)

    async def refund(self) -> None:
        if self.basket.payments:
            payment = self.basket.payments.pop(self.rng.randrange(len(self.basket.payments)))
            await self.ask(REFUND, id=payment, key=str(uuid.uuid4()))

    async def play(self) -> None:
        await self.ask(PLAY, id=self.game())

    async def restock(self) -> None:
        shelf = self.crowd.shelf
        await self.crowd.line.ask(LIMIT, shelf.developer, id=self.scarce(), units=self.rng.choice((2, 3, 4)))
        if self.rng.random() < 0.3:
            on_sale = await shelf.plain_game()
            sale = await self.crowd.line.ask(SALE, shelf.developer, input=sale_input(on_sale, SALE_POINTS, units=2))
            shelf.sales.append((sale["id"], on_sale))

    # ---- reads

    async def balance(self) -> None:
        await self.ask(BALANCE)

    async def library(self) -> None:
        await self.ask(LIBRARY)

    async def owned(self) -> None:
        await self.ask(OWNED, id=self.rng.choice((self.game(), self.scarce())))

    async def stock(self) -> None:
        await self.ask(STOCK, id=self.scarce())

    async def remaining(self) -> None:
        await self.ask(REMAINING, id=self.crowd.shelf.sales[-1][0])

    async def state(self) -> None:
        if self.basket.orders:
            await self.ask(STATE, id=self.rng.choice(self.basket.orders[-3:]))

    async def read_everything(self) -> None:
        await self.balance()
        await self.library()
        for order in self.basket.orders:
            await self.ask(STATE, id=order)
        for product in self.crowd.shelf.scarce:
            await self.ask(STOCK, id=product)
        for sale, _ in self.crowd.shelf.sales:
            await self.ask(REMAINING, id=sale)

    # ---- parts

    async def checkout(self, products: list[str], **options: Any) -> None:
        wanted = {"productIds": products, "idempotencyKey": str(uuid.uuid4()), **options}
        bought = await self.ask(CHECKOUT, input=wanted)
        if bought["__typename"] == "Payment":
            self.basket.payments.append(bought["id"])

    def game(self) -> str:
        return self.rng.choice(self.crowd.shelf.plain[:4])

    def scarce(self) -> str:
        return self.crowd.shelf.scarce[0]
