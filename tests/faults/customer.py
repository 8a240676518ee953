"""A customer who shops at random under faults and keeps a journal of the acknowledged outcomes."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.clients import Account
from tests.faults.shop import SALE_POINTS, RetryingClient, Shelf

PAYMENT = """__typename ... on Payment { id state amount order { id } }
    ... on InsufficientPoints { balance }"""
TOP_UP = "mutation($n: Int!, $key: String!) { out: topUp(amount: $n, idempotencyKey: $key) { balance } }"
CHECKOUT = f"mutation($input: CheckoutInput!) {{ out: checkout(input: $input) {{ {PAYMENT} }} }}"
WISH = "mutation($id: ID!) { out: addToWishlist(productId: $id) { __typename } }"
ORDER = """mutation($input: PlaceOrderInput!) { out: placeOrder(input: $input) {
    __typename ... on Order { id totalPoints } } }"""
START = """mutation($id: ID!, $key: String!) { out: startPayment(orderId: $id, idempotencyKey: $key) {
    __typename ... on Payment { id state amount order { id } } } }"""
PAY = f"mutation($id: ID!) {{ out: pay(paymentId: $id) {{ {PAYMENT} }} }}"
CANCEL = "mutation($id: ID!) { out: cancelPayment(id: $id) { __typename id state } }"
REFUND = """mutation($id: ID!, $products: [ID!], $key: String!) {
    out: refund(paymentId: $id, productIds: $products, idempotencyKey: $key) {
        __typename ... on Refund { id amount products { id } }
        ... on NotRefundable { lines { reason product { id } } } } }"""
OWNED = "query($id: ID!) { out: product(id: $id) { __typename owned } }"
PLAY = "mutation($id: ID!) { out: play(productId: $id) { __typename } }"
CLAIM = "mutation($id: ID!) { out: claim(saleId: $id) { __typename ... on Claim { id state } } }"
RELEASE = "mutation($id: ID!) { out: releaseClaim(id: $id) { __typename state } }"


@dataclass
class AcknowledgedPayment:
    """A payment as the store last acknowledged it. `state` is READY, PAID or CANCELLED."""

    state: str
    amount: int
    order_id: str
    lines: dict[str, int]
    """Points by product id."""
    refunds: dict[str, list[str]] = field(default_factory=dict)
    """Product ids by refund id."""

    @property
    def kept(self) -> list[str]:
        back = [product for products in self.refunds.values() for product in products]
        return [product for product in self.lines if self.state == "PAID" and product not in back]

    def paid_back(self, products: Sequence[str]) -> int:
        return sum(self.lines[product] for product in products)


class Customer:
    """The journal is `balance`, `payments`, `orders`, `claims`, `wishes` and `plays`."""

    def __init__(self, account: Account, line: RetryingClient, shelf: Shelf, rng: Random) -> None:
        self.account = account
        self.line = line
        self.shelf = shelf
        self.rng = rng
        self.balance = 0
        self.payments: dict[str, AcknowledgedPayment] = {}
        self.orders: dict[str, int] = {}
        self.claims: dict[str, str] = {}
        self.wishes: set[str] = set()
        self.plays: Counter[str] = Counter()
        self.answers: list[tuple[dict[str, Any], dict[str, Any]]] = []
        """Each checkout's input and its answer."""
        self.wrong: list[str] = []

    async def live(self, acts: int, stopping: asyncio.Event) -> None:
        """Does random actions one by one until `stopping` is set."""
        await self.top_up()
        repertoire = (
            [self.buy] * 6
            + [self.order_and_pay] * 5
            + [self.claim_and_buy] * 3
            + [self.refund] * 4
            + [self.play, self.play, self.top_up, self.buy_twice, self.repeat, self.rush]
        )
        for act in self.rng.choices(repertoire, k=acts):
            if not stopping.is_set():
                await act()
                await self.look()

    async def ask(self, operation: str, **variables: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.line.ask(operation, self.account, **variables)
        return answer

    # ---- actions

    async def top_up(self) -> None:
        points = self.rng.choice((100, 300, 700))
        await self.ask(TOP_UP, n=points, key=str(uuid.uuid4()))
        self.balance += points

    async def buy(self) -> None:
        products = self._some_products()
        await self.checkout(products, expected_total=self.rng.choice((None, None, None, 1)))

    async def buy_twice(self) -> None:
        """Of two concurrent checkouts of one product, at most one is paid."""
        product = self.rng.choice(self.shelf.scarce[-3:])
        before = self._paid_for(product)
        await asyncio.gather(self.checkout([product]), self.checkout([product]))
        if self._paid_for(product) > 1:
            self.wrong.append(f"{product} was bought twice (bought {before} times before)")

    async def rush(self) -> None:
        """50 concurrent identical requests have one outcome."""
        wanted = self._wanted(self._some_products())
        answers = await asyncio.gather(*[self.ask(CHECKOUT, input=wanted) for _ in range(50)])
        self._bought(wanted, answers[0])
        if any(answer != answers[0] for answer in answers):
            self.wrong.append(f"identical requests were answered differently: {answers}")

    async def repeat(self) -> None:
        """A request repeated with the same key gets the same answer."""
        if self.answers:
            wanted, before = self.rng.choice(self.answers)
            answer = await self.ask(CHECKOUT, input=wanted)
            if _identity(answer) != _identity(before):
                self.wrong.append(f"{wanted} was answered {before}, and then {answer}")

    async def order_and_pay(self) -> None:
        products = self._some_products()
        for product in products:
            if (await self.ask(WISH, id=product))["__typename"] == "WishlistItem":
                self.wishes.add(product)
        order = await self.ask(ORDER, input={"productIds": products, "idempotencyKey": str(uuid.uuid4())})
        if order["__typename"] != "Order":
            return
        self.orders[order["id"]] = order["totalPoints"]
        for _ in range(self.rng.choice((1, 1, 2))):
            started = await self.ask(START, id=order["id"], key=str(uuid.uuid4()))
            if started["__typename"] != "Payment":
                return
            self.payments[started["id"]] = self._acknowledge(started, products)
            await self.rng.choice((self.pay, self.pay, self.cancel, self.pay_or_cancel, self.forget))(started["id"])

    async def claim_and_buy(self) -> None:
        sale, product = self.rng.choice(self.shelf.sales[-3:])
        claim = await self.ask(CLAIM, id=sale)
        if claim["__typename"] != "Claim":
            return
        self.claims.setdefault(claim["id"], "HELD")
        if self.rng.random() < 0.7:
            await self.checkout([product], claim["id"])
        elif self.rng.random() < 0.7:
            released = await self.ask(RELEASE, id=claim["id"])
            if released["__typename"] == "Claim":
                self.claims[claim["id"]] = "RELEASED"

    async def refund(self) -> None:
        paid = [payment_id for payment_id, payment in self.payments.items() if payment.kept]
        if not paid:
            return
        payment_id = self.rng.choice(paid)
        payment = self.payments[payment_id]
        asked = self.rng.choice((None, [self.rng.choice(payment.kept)]))
        played = {product for product in payment.kept if self.plays[product]}
        answer = await self.ask(REFUND, id=payment_id, products=asked, key=str(uuid.uuid4()))
        if answer["__typename"] != "Refund":
            return
        products = [product["id"] for product in answer["products"]]
        payment.refunds[answer["id"]] = products
        self.balance += answer["amount"]
        if answer["amount"] != payment.paid_back(products):
            self.wrong.append(f"{answer} of {payment} is not the amount that was paid")
        if played & set(products):
            self.wrong.append(f"{answer} refunded played products: {played}")

    async def play(self) -> None:
        kept = [product for payment in self.payments.values() for product in payment.kept]
        if kept:
            product = self.rng.choice(kept)
            answer = await self.ask(PLAY, id=product)
            if answer["__typename"] == "Play":
                self.plays[product] += 1
            else:
                self.wrong.append(f"{product} was paid, and to play it was answered {answer}")

    async def look(self) -> None:
        """What it has bought or given back last: each answer shows it, or is UNAVAILABLE and asked for again."""
        if not self.payments:
            return
        product = self.rng.choice(list(self.payments[max(self.payments)].lines))
        owns = self._paid_for(product) > 0
        found = await self.ask(OWNED, id=product)
        if found["owned"] is not owns:
            self.wrong.append(f"{product} was owned: {owns}, and read as {found}")
        if owns:
            order = {"productIds": [product], "idempotencyKey": str(uuid.uuid4())}
            for answer in (await self.ask(WISH, id=product), await self.ask(ORDER, input=order)):
                if answer["__typename"] != "AlreadyOwned":
                    self.wrong.append(f"{product} was owned, and to wish or order it was answered {answer}")

    # ---- ends of a started payment

    async def pay(self, payment_id: str) -> None:
        answer = await self.ask(PAY, id=payment_id)
        payment = self.payments[payment_id]
        if answer["__typename"] == "Payment" and payment.state != "PAID":
            if payment.state == "CANCELLED":
                self.wrong.append(f"{payment_id} was cancelled and paid")
            payment.state = "PAID"
            self.balance -= payment.amount

    async def cancel(self, payment_id: str) -> None:
        payment = self.payments[payment_id]
        if (await self.ask(CANCEL, id=payment_id))["__typename"] == "Payment":
            if payment.state == "PAID":
                self.wrong.append(f"{payment_id} was paid and cancelled")
            payment.state = "CANCELLED"

    async def pay_or_cancel(self, payment_id: str) -> None:
        """Of concurrent requests to pay and to cancel, one wins."""
        await asyncio.gather(self.pay(payment_id), self.cancel(payment_id), self.pay(payment_id))

    async def forget(self, payment_id: str) -> None:
        """Leaves the payment to expire."""

    # ---- parts

    async def checkout(self, products: Sequence[str], claim: str = "", expected_total: int | None = None) -> None:
        wanted = {**self._wanted(products, claim), "expectedTotal": expected_total}
        self._bought(wanted, await self.ask(CHECKOUT, input=wanted))

    def _wanted(self, products: Sequence[str], claim: str = "") -> dict[str, Any]:
        claims = {"claimIds": [claim]} if claim else {}
        return {"productIds": list(products), "idempotencyKey": str(uuid.uuid4()), **claims}

    def _bought(self, wanted: dict[str, Any], answer: dict[str, Any]) -> None:
        self.answers.append((wanted, answer))
        if answer["__typename"] == "Payment" and answer["id"] not in self.payments:
            payment = self._acknowledge(answer, wanted["productIds"], claimed="claimIds" in wanted)
            self.payments[answer["id"]] = payment
            self.balance -= payment.amount
            self.claims |= dict.fromkeys(wanted.get("claimIds", ()), "BOUGHT")

    def _acknowledge(
        self, payment: dict[str, Any], products: Sequence[str], claimed: bool = False
    ) -> AcknowledgedPayment:
        lines = {product: SALE_POINTS if claimed else self.shelf.points[product] for product in products}
        if payment["amount"] != sum(lines.values()):
            self.wrong.append(f"{payment} is not the sum of {lines}")
        return AcknowledgedPayment(payment["state"], payment["amount"], payment["order"]["id"], lines)

    def _paid_for(self, product: str) -> int:
        return sum(product in payment.kept for payment in self.payments.values())

    def _some_products(self) -> list[str]:
        on_offer = [*self.shelf.plain, *self.shelf.scarce[-3:]]
        return self.rng.sample(on_offer, k=self.rng.choice((1, 1, 2)))


def _identity(answer: dict[str, Any]) -> tuple[str, str]:
    """The part of an answer that never changes. A payment's state does: it can be refunded."""
    return answer["__typename"], answer.get("id", "")
