"""Facts from all answers of a recording: prices, the lines of orders, and the sale and the user of each claim."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.histories.recorder import Attempt


@dataclass(frozen=True)
class Line:
    product: str
    points: int
    claim: str = ""


@dataclass(frozen=True)
class Order:
    id: str
    user: str
    lines: tuple[Line, ...]

    @property
    def amount(self) -> int:
        return sum(line.points for line in self.lines)


@dataclass
class Known:
    """Facts by id, from answers that may have come in any order."""

    prices: dict[str, int] = field(default_factory=dict)
    sales: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Product and points of a flash sale."""
    claims: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Sale and user of a claim."""
    limited: set[str] = field(default_factory=set)
    orders: dict[str, Order] = field(default_factory=dict)
    payments: dict[str, Order] = field(default_factory=dict)
    """What a payment pays."""
    by_key: dict[tuple[str, str], str] = field(default_factory=dict)
    """A payment by user and idempotency key."""
    paid: set[str] = field(default_factory=set)
    """Payments that were certainly charged."""
    lost_claims: dict[tuple[str, str], Attempt] = field(default_factory=dict)
    """A user's first attempt to claim from a sale that was not answered."""
    used_claims: set[str] = field(default_factory=set)
    """Claims that were certainly released or bought: they have not expired."""
    cancelled: set[str] = field(default_factory=set)
    """Payments that were certainly cancelled."""
    sessions: dict[str, str] = field(default_factory=dict)
    """The session of a token, by its first refresh token."""

    @classmethod
    def of(cls, attempts: Sequence[Attempt]) -> "Known":
        known = cls()
        for attempt in attempts:
            if attempt.field == "claim" and not attempt.is_known:
                known.lost_claims.setdefault((attempt.arguments["saleId"], attempt.user), attempt)
        # By their answers: what an answer refers to was answered before.
        for attempt in sorted((one for one in attempts if one.end is not None), key=lambda one: one.end or 0):
            learn = getattr(known, f"_{attempt.field}", None)
            if learn is not None and attempt.answer is not None:
                learn(attempt, attempt.arguments, attempt.answer)
        return known

    def order_of(self, user: str, wanted: dict[str, Any], id: str) -> Order:
        """What an input of `placeOrder` or `checkout` orders."""
        claimed = {self.sales[self.claims[claim][0]][0]: claim for claim in wanted.get("claimIds") or ()}
        lines = [
            Line(product, self.sales[self.claims[claim][0]][1], claim)
            if (claim := claimed.get(product, ""))
            else Line(product, self.prices[product])
            for product in wanted["productIds"]
        ]
        return Order(id, user, tuple(lines))

    def payment_id(self, user: str, key: str) -> str:
        """The payment that a key stands for, whether or not an answer has told its id."""
        return self.by_key.get((user, key), f"key:{key}")

    # ---- what the answer of each root field tells

    def _publishProduct(self, attempt: Attempt, asked: dict[str, Any], answer: Any) -> None:
        self.prices[answer["id"]] = answer["price"]["points"]

    def _createFlashSale(self, attempt: Attempt, asked: dict[str, Any], answer: Any) -> None:
        self.sales[answer["id"]] = (asked["input"]["productId"], asked["input"]["points"])

    def _limitStock(self, attempt: Attempt, asked: dict[str, Any], answer: Any) -> None:
        self.limited.add(asked["productId"])

    def _claim(self, attempt: Attempt, asked: dict[str, Any], answer: Any) -> None:
        if answer["__typename"] == "Claim":
            self.claims[answer["id"]] = (asked["saleId"], attempt.user)

    def _releaseClaim(self, attempt: Attempt, asked: dict[str, Any], answer: Any) -> None:
        self.used_claims.add(asked["id"])

    def _placeOrder(self, attempt: Attempt, asked: dict[str, Any], answer: Any) -> None:
        if answer["__typename"] == "Order":
            self.orders[answer["id"]] = self.order_of(attempt.user, asked["input"], answer["id"])

    def _checkout(self, attempt: Attempt, asked: dict[str, Any], answer: Any) -> None:
        if answer["__typename"] == "Payment":
            order = self.order_of(attempt.user, asked["input"], answer["order"]["id"])
            self._pays(attempt, asked["input"]["idempotencyKey"], answer, order)
            self.paid.add(answer["id"])
            self.used_claims |= {line.claim for line in order.lines}

    def _startPayment(self, attempt: Attempt, asked: dict[str, Any], answer: Any) -> None:
        if answer["__typename"] == "Payment" and asked["orderId"] in self.orders:
            self._pays(attempt, asked["idempotencyKey"], answer, self.orders[asked["orderId"]])

    def _pays(self, attempt: Attempt, key: str, answer: Any, order: Order) -> None:
        self.payments[answer["id"]] = order
        self.by_key[attempt.user, key] = answer["id"]

    def _pay(self, attempt: Attempt, asked: dict[str, Any], answer: Any) -> None:
        if answer["__typename"] == "Payment":
            self.paid.add(asked["paymentId"])

    def _cancelPayment(self, attempt: Attempt, asked: dict[str, Any], answer: Any) -> None:
        self.cancelled.add(asked["id"])

    def _register(self, attempt: Attempt, asked: dict[str, Any], answer: Any) -> None:
        self.sessions |= dict.fromkeys((answer["refreshToken"], answer["accessToken"]), answer["refreshToken"])

    def _refresh(self, attempt: Attempt, asked: dict[str, Any], answer: Any) -> None:
        session = self.sessions[asked["refreshToken"]]
        self.sessions |= dict.fromkeys((answer["refreshToken"], answer["accessToken"]), session)
