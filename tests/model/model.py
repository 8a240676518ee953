"""A model of the store, as simple as possible. Outcomes are the `__typename` or error code that a client gets."""

from dataclasses import dataclass, field
from typing import Any

from tests.clients import Account

PAID = ("PAID", "PARTIALLY_REFUNDED", "REFUNDED")


@dataclass
class Order:
    state: str
    lines: dict[str, int]
    """Points by product."""
    claim: str = ""
    """The claim by which the sale's product was ordered at the sale's price; or empty."""

    @property
    def total(self) -> int:
        return sum(self.lines.values())


@dataclass
class Payment:
    order: str
    state: str
    lines: dict[str, int]
    claim: str = ""
    refunded: set[str] = field(default_factory=set)

    @property
    def amount(self) -> int:
        return sum(self.lines.values())

    @property
    def kept(self) -> set[str]:
        return set(self.lines) - self.refunded if self.state in PAID else set()


@dataclass
class Person:
    account: Account
    balance: int = 0
    wishes: set[str] = field(default_factory=set)
    orders: dict[str, Order] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    """HELD, in PAYMENT, SOLD or RELEASED."""
    played: set[str] = field(default_factory=set)

    @property
    def owned(self) -> set[str]:
        return set[str]().union(*[payment.kept for payment in self.payments.values()])

    @property
    def live_claim(self) -> str:
        return next((claim for claim, state in self.claims.items() if state != "RELEASED"), "")


@dataclass
class Model:
    """The products: plain ones, one of limited quantity, one on a flash sale. Prices are in points."""

    prices: dict[str, int]
    limited: str
    on_sale: str
    sale_points: int
    left: int
    """Remaining units of the limited product."""
    sale_left: int

    # ---- expected outcomes

    def price(self, person: Person, products: list[str], claim: str) -> str | dict[str, int]:
        """The lines of an order of products, or why it is refused."""
        if person.owned & set(products):
            return "AlreadyOwned"
        if claim and person.claims[claim] != "HELD":
            return "INVALID_STATE"
        reduced = {self.on_sale: self.sale_points} if claim else {}
        return {product: reduced.get(product, self.prices[product]) for product in products}

    def place(self, person: Person, products: list[str], claim: str) -> str | dict[str, int]:
        lines = self.price(person, products, claim)
        unwished = set(products) - person.wishes - ({self.on_sale} if claim else set())
        return "NotOnWishlist" if unwished and not isinstance(lines, str) else lines

    def hold(self, person: Person, order: Order) -> str:
        if order.claim and person.claims[order.claim] != "HELD":
            return "OutOfStock"
        return "OutOfStock" if self.limited in order.lines and not self.left else "Payment"

    def start(self, person: Person, order: Order) -> str:
        if order.state != "READY":
            return "INVALID_STATE"
        return "AlreadyOwned" if person.owned & set(order.lines) else self.hold(person, order)

    def charge(self, person: Person, lines: dict[str, int]) -> str:
        if person.owned & set(lines):
            return "AlreadyOwned"
        return "Payment" if person.balance >= sum(lines.values()) else "InsufficientPoints"

    def pay(self, person: Person, payment: Payment) -> str:
        if payment.state == "READY":
            return self.charge(person, payment.lines)
        return "Payment" if payment.state in PAID else "INVALID_STATE"

    def buy(self, person: Person, order: Order, price_changed: bool) -> str:
        if price_changed:
            return "PriceChanged"
        held = self.hold(person, order)
        return self.charge(person, order.lines) if held == "Payment" else held

    # ---- changes of state

    def remove_line(self, order: Order, product: str) -> None:
        del order.lines[product]
        if product == self.on_sale:
            order.claim = ""

    def enter(self, person: Person, payment_id: str, order_id: str) -> None:
        """Puts an order into a payment, which holds its units."""
        order = person.orders[order_id]
        order.state = "ORDERED"
        person.payments[payment_id] = Payment(order_id, "READY", dict(order.lines), order.claim)
        self.left -= self.limited in order.lines
        if order.claim:
            person.claims[order.claim] = "PAYMENT"

    def charged(self, person: Person, payment: Payment) -> None:
        payment.state = person.orders[payment.order].state = "PAID"
        person.balance -= payment.amount
        person.wishes -= set(payment.lines)
        if payment.claim:
            person.claims[payment.claim] = "SOLD"

    def cancelled(self, person: Person, payment: Payment) -> None:
        payment.state, person.orders[payment.order].state = "CANCELLED", "READY"
        self.left += self.limited in payment.lines
        if payment.claim:
            person.claims[payment.claim] = "HELD"

    def refund(self, person: Person, payment: Payment, products: set[str]) -> int:
        """Refunds those of the products that can be; the points."""
        refunded = (products & payment.kept) - person.played
        payment.refunded |= refunded
        if refunded:
            payment.state = "PARTIALLY_REFUNDED" if payment.kept else "REFUNDED"
        points = sum(payment.lines[product] for product in refunded)
        person.balance += points
        self.left += self.limited in refunded
        if payment.claim and self.on_sale in refunded:
            person.claims[payment.claim] = "RELEASED"
            self.sale_left += 1
        return points

    # ---- the view of a client

    def view(self, person: Person) -> dict[str, Any]:
        """What a person can read."""
        claims = {"PAYMENT": "HELD"}
        return {
            "balance": person.balance,
            "wishes": person.wishes,
            "orders": {id: (order.state, order.total) for id, order in person.orders.items()},
            "payments": {id: (payment.state, payment.amount) for id, payment in person.payments.items()},
            "library": {product: product in person.played for product in person.owned},
            "claims": {id: claims.get(state, state) for id, state in person.claims.items()},
            "left": self.left,
            "sale left": self.sale_left,
        }
