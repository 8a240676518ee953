"""The random steps of customers, taken in the store and in the model."""

import uuid
from typing import TypeVar

import hypothesis.strategies as st
from hypothesis.stateful import initialize, rule

from tests.model.machine import StoreMachine
from tests.model.model import Order, Person

T = TypeVar("T")

WHO, PICK = st.integers(0, 1), st.integers(0, 20)
PRODUCT = st.integers(0, 3)
CART = st.lists(PRODUCT, min_size=1, max_size=2, unique=True)


class Shopping(StoreMachine):
    """Every operation that a customer has."""

    @initialize()
    def begin(self) -> None:
        """Gives everybody points and a payment, which most operations need."""
        for who in range(len(self.people)):
            self.top_up(who, 400)
            self.order(who, [0, 2 + who], claimed=False, wished=True, shortened=False)
            self.start(who, 0)

    @rule(who=WHO, points=st.sampled_from((100, 300)))
    def top_up(self, who: int, points: int) -> None:
        person = self.person(who)
        self.do("topUp", "Wallet", person, n=points, key=str(uuid.uuid4()))
        person.balance += points

    # ---- wishes and orders

    @rule(who=WHO, product=PRODUCT)
    def wish(self, who: int, product: int) -> None:
        person, wanted = self.person(who), self.products[product]
        self.do("wish", "AlreadyOwned" if wanted in person.owned else "WishlistItem", person, id=wanted)
        person.wishes |= {wanted} - person.owned

    @rule(who=WHO, product=PRODUCT)
    def unwish(self, who: int, product: int) -> None:
        person, wanted = self.person(who), self.products[product]
        assert self.api.do("unwish", person.account, id=wanted) is (wanted in person.wishes)
        person.wishes.discard(wanted)

    @rule(who=WHO, picks=CART, claimed=st.booleans(), wished=st.booleans(), shortened=st.booleans())
    def order(self, who: int, picks: list[int], claimed: bool, wished: bool, shortened: bool) -> None:
        person = self.person(who)
        for product in picks if wished else ():
            self.wish(who, product)
        products, claim, wanted = self.cart(person, picks, claimed)
        lines = self.model.place(person, products, claim)
        if isinstance(lines, str):
            self.do("order", lines, person, input=wanted)
        else:
            answer = self.do("order", "Order", person, input=wanted)
            person.orders[answer["id"]] = Order("READY", lines, claim)
            if shortened:
                self._remove_line(person, answer["id"], 0)

    @rule(who=WHO, pick=PICK, line=PICK)
    def remove_line(self, who: int, pick: int, line: int) -> None:
        person = self.person(who)
        for order_id, _ in picked(person.orders, pick):
            self._remove_line(person, order_id, line)

    def _remove_line(self, person: Person, order_id: str, line: int) -> None:
        order = person.orders[order_id]
        product = list(order.lines)[line % len(order.lines)]
        may = order.state == "READY" and len(order.lines) > 1
        self.do("removeLine", "Order" if may else "INVALID_STATE", person, id=order_id, product=product)
        if may:
            self.model.remove_line(order, product)

    @rule(who=WHO, pick=PICK)
    def cancel_order(self, who: int, pick: int) -> None:
        person = self.person(who)
        for order_id, order in picked(person.orders, pick):
            may = order.state in ("READY", "CANCELLED")
            self.do("cancelOrder", "Order" if may else "INVALID_STATE", person, id=order_id)
            order.state = "CANCELLED" if may else order.state

    # ---- payments

    @rule(who=WHO, pick=PICK)
    def start(self, who: int, pick: int) -> None:
        person = self.person(who)
        for order_id, order in picked(person.orders, pick):
            expected = self.model.start(person, order)
            answer = self.do("start", expected, person, id=order_id, key=str(uuid.uuid4()))
            if expected == "Payment":
                self.model.enter(person, answer["id"], order_id)

    @rule(who=WHO, pick=PICK)
    def pay(self, who: int, pick: int) -> None:
        person = self.person(who)
        for payment_id, _ in picked(person.payments, pick):
            self._pay(person, payment_id)

    def _pay(self, person: Person, payment_id: str) -> None:
        payment = person.payments[payment_id]
        expected = self.model.pay(person, payment)
        self.do("pay", expected, person, id=payment_id)
        if expected == "Payment" and payment.state == "READY":
            self.model.charged(person, payment)

    @rule(who=WHO, pick=PICK)
    def cancel_payment(self, who: int, pick: int) -> None:
        person = self.person(who)
        for payment_id, payment in picked(person.payments, pick):
            may = payment.state in ("READY", "CANCELLED")
            self.do("cancelPayment", "Payment" if may else "INVALID_STATE", person, id=payment_id)
            if payment.state == "READY":
                self.model.cancelled(person, payment)
                self._pay(person, payment_id)

    @rule(who=WHO, picks=CART, claimed=st.booleans(), price_change=st.sampled_from((None, 0, 1)))
    def checkout(self, who: int, picks: list[int], claimed: bool, price_change: int | None) -> None:
        """`price_change`: by how much the client expects another total; None if it expects none."""
        person = self.person(who)
        products, claim, wanted = self.cart(person, picks, claimed)
        lines = self.model.price(person, products, claim)
        order = Order("READY", {} if isinstance(lines, str) else lines, claim)
        if price_change is not None:
            wanted["expectedTotal"] = order.total + price_change
        expected = lines if isinstance(lines, str) else self.model.buy(person, order, bool(price_change))
        answer = self.do("checkout", expected, person, input=wanted)
        if expected == "Payment":
            person.orders[answer["order"]["id"]] = order
            self.model.enter(person, answer["id"], answer["order"]["id"])
            self.model.charged(person, person.payments[answer["id"]])

    @rule(who=WHO, pick=PICK, line=st.none() | PICK)
    def refund(self, who: int, pick: int, line: int | None) -> None:
        person = self.person(who)
        for payment_id, payment in picked(person.payments, pick):
            products = None if line is None else [list(payment.lines)[line % len(payment.lines)]]
            points = self.model.refund(person, payment, set(payment.lines if products is None else products))
            wanted = {"id": payment_id, "products": products, "key": str(uuid.uuid4())}
            answer = self.do("refund", "Refund" if points else "NotRefundable", person, **wanted)
            assert answer.get("amount", 0) == points

    # ---- games and claims

    @rule(who=WHO, product=PRODUCT)
    def play(self, who: int, product: int) -> None:
        person, wanted = self.person(who), self.products[product]
        self.do("play", "Play" if wanted in person.owned else "NotOwned", person, id=wanted)
        person.played |= {wanted} & person.owned

    @rule(who=WHO)
    def claim(self, who: int) -> None:
        person = self.person(who)
        before = person.live_claim
        expected = "Claim" if before or self.model.sale_left else "SoldOut"
        answer = self.do("claim", expected, person, id=self.sale)
        if before:
            assert answer["id"] == before
        elif expected == "Claim":
            person.claims[answer["id"]] = "HELD"
            self.model.sale_left -= 1

    @rule(who=WHO, pick=PICK)
    def release(self, who: int, pick: int) -> None:
        person = self.person(who)
        for claim, state in picked(person.claims, pick):
            self.do("release", "Claim" if state == "HELD" else "INVALID_STATE", person, id=claim)
            if state == "HELD":
                person.claims[claim] = "RELEASED"
                self.model.sale_left += 1


def picked(things: dict[str, T], pick: int) -> list[tuple[str, T]]:
    """One of the things, or none if there are none."""
    return [list(things.items())[pick % len(things)]] if things else []
