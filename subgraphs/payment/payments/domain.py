"""Payments: their states, who may pay one, and what charging decides."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

import msgspec

from subgraphs.contracts.payment import PaidLine, PaymentCancelled, PaymentPaid
from subgraphs.kit.errors import InvalidState, NotFound, StoreError
from subgraphs.payment.wallets.domain import LedgerKind, Posting


class PaymentState(Enum):
    """Where a payment stands."""

    READY = "READY"
    PAID = "PAID"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"


PAID_STATES = frozenset({PaymentState.PAID, PaymentState.PARTIALLY_REFUNDED, PaymentState.REFUNDED})
"""The states of a payment that was charged."""


@dataclass(frozen=True)
class Payment:
    """The payment of one order. `amount` is fixed, in points; while READY it can be paid until `expires_at`."""

    id: str
    order_id: str
    user_id: str
    state: PaymentState
    amount: int
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None = None
    holds_units: bool = True
    """False where stock certainly holds nothing for it."""

    @property
    def is_paid(self) -> bool:
        """Whether it was charged, even if it was refunded since."""
        return self.state in PAID_STATES

    def paid(self, now: datetime) -> "Payment":
        return replace(self, state=PaymentState.PAID, paid_at=now)


@dataclass(frozen=True)
class Bill:
    """A payment with its lines, to be charged. One that `is_new` has no row yet."""

    payment: Payment
    lines: Sequence[PaidLine]
    is_new: bool = False

    @classmethod
    def new(
        cls,
        payment_id: str,
        order_id: str,
        user_id: str,
        lines: Sequence[PaidLine],
        now: datetime,
        lifetime: timedelta,
        *,
        holds_units: bool,
    ) -> "Bill":
        """The bill of an order: its amount is the sum of the lines."""
        payment = Payment(
            id=payment_id,
            order_id=order_id,
            user_id=user_id,
            state=PaymentState.READY,
            amount=sum(line.points for line in lines),
            created_at=now,
            expires_at=now + lifetime,
            holds_units=holds_units,
        )
        return cls(payment, lines, is_new=True)

    @property
    def entitlements(self) -> list[tuple[str, str]]:
        """What it gives, as (user id, product id)."""
        return [(self.payment.user_id, line.product_id) for line in self.lines]

    @property
    def posting(self) -> Posting:
        return Posting(
            user_id=self.payment.user_id,
            kind=LedgerKind.PURCHASE,
            amount=-self.payment.amount,
            reference=f"purchase:{self.payment.id}",
            payment_id=self.payment.id,
        )


# The names of these classes are the tags of outcomes that are stored as JSON: they cannot change.


class InsufficientPoints(msgspec.Struct, frozen=True, tag=True):
    """The wallet holds fewer points than required."""

    required: int
    balance: int


class AlreadyOwned(msgspec.Struct, frozen=True, tag=True):
    """The user has bought these products before."""

    product_ids: list[str]


PayOutcome = Payment | InsufficientPoints | AlreadyOwned


def payable(bill: Bill | None, user_id: str, now: datetime) -> Payment | StoreError:
    """The payment if its user may pay it or has paid it, else why not: NotFound or InvalidState."""
    if bill is None or bill.payment.user_id != user_id:
        return NotFound("You have no such payment.")
    payment = bill.payment
    if payment.is_paid or (payment.state is PaymentState.READY and payment.expires_at > now):
        return payment
    ended = "was cancelled" if payment.state is PaymentState.CANCELLED else "has expired"
    return InvalidState(f"This payment {ended}. Start a new one.")


def decide_charges(
    bills: Iterable[Bill], balances: Mapping[str, int], entitled: Collection[tuple[str, str]], now: datetime
) -> dict[str, PayOutcome]:
    """Decides bills in order, each wholly or not at all; returns the outcomes by payment id.

    `balances` are points by user; `entitled` are the (user id, product id) that are bought already.
    """
    available, bought = dict(balances), set(entitled)
    outcomes: dict[str, PayOutcome] = {}
    for bill in bills:
        payment = bill.payment
        owned = [product_id for user_id, product_id in bill.entitlements if (user_id, product_id) in bought]
        if owned:
            outcomes[payment.id] = AlreadyOwned(owned)
        elif available[payment.user_id] < payment.amount:
            outcomes[payment.id] = InsufficientPoints(required=payment.amount, balance=available[payment.user_id])
        else:
            available[payment.user_id] -= payment.amount
            bought.update(bill.entitlements)
            outcomes[payment.id] = payment.paid(now)
    return outcomes


def paid_event(payment: Payment, lines: Sequence[PaidLine]) -> PaymentPaid:
    assert payment.paid_at is not None
    return PaymentPaid(
        payment_id=payment.id,
        order_id=payment.order_id,
        user_id=payment.user_id,
        paid_at=payment.paid_at,
        lines=list(lines),
        holds_units=payment.holds_units,
    )


def cancelled_event(payment: Payment) -> PaymentCancelled:
    return PaymentCancelled(payment_id=payment.id, order_id=payment.order_id, user_id=payment.user_id)
