"""Refunds: which lines of a payment may be refunded, and what is given back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

import msgspec

from subgraphs.contracts.library import RevokeOutcome
from subgraphs.contracts.payment import PaidLine, PaymentRefunded
from subgraphs.kit.errors import BadUserInput, NotFound
from subgraphs.payment.payments.domain import Payment, PaymentState
from subgraphs.payment.wallets.domain import LedgerKind, Posting


class RefundState(Enum):
    """Where a refund stands.

    REVOKING: library has not answered yet. IN_PROGRESS: the games are given back, the points are not. REFUSED:
    nothing is given back, since every game was played.
    """

    REVOKING = "REVOKING"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    REFUSED = "REFUSED"


TAKEN_BACK = frozenset({RefundState.IN_PROGRESS, RefundState.COMPLETED})
"""The states of a refund that has taken its lines back."""


class NotRefundableReason(Enum):
    """Why a line cannot be refunded."""

    PLAYED = "PLAYED"
    TOO_LATE = "TOO_LATE"
    NOT_PAID = "NOT_PAID"
    ALREADY_REFUNDED = "ALREADY_REFUNDED"


# Stored as JSON: the name of NotRefundable is its tag, and no field may be renamed.


class NotRefundableLine(msgspec.Struct, frozen=True):
    """A product that cannot be refunded, and why."""

    product_id: str
    reason: NotRefundableReason


class NotRefundable(msgspec.Struct, frozen=True, tag=True):
    """None of the requested lines can be refunded."""

    lines: list[NotRefundableLine]


@dataclass(frozen=True)
class Line:
    """A line of a payment. `refund_id` is the refund that has reserved it or taken it back."""

    product_id: str
    points: int
    claim_id: str | None
    refund_id: str | None


@dataclass(frozen=True)
class Refund:
    """Lines of a payment on their way back; `amount` is in points, 0 until library has revoked the games.

    `key` is the hash of the client's idempotency key. `outcome` is set for a REFUSED one.
    """

    id: str
    payment_id: str
    user_id: str
    key: str
    request_hash: str
    state: RefundState
    amount: int
    outcome: NotRefundable | None
    requested_at: datetime
    settle_at: datetime
    completed_at: datetime | None

    @property
    def posting(self) -> Posting:
        return Posting(
            user_id=self.user_id,
            kind=LedgerKind.REFUND,
            amount=self.amount,
            reference=f"refund:{self.id}",
            payment_id=self.payment_id,
        )

    def revoked(self, lines: Sequence[Line], played: Sequence[str]) -> "Refund":
        """The refund once library has answered: of the revoked lines, or REFUSED when there are none."""
        if lines:
            return replace(self, state=RefundState.IN_PROGRESS, amount=sum(line.points for line in lines))
        refused = [NotRefundableLine(product_id, NotRefundableReason.PLAYED) for product_id in played]
        return replace(self, state=RefundState.REFUSED, outcome=NotRefundable(refused))


def check_products(product_ids: Sequence[str] | None) -> None:
    """Raises BadUserInput for an empty list or duplicates; None, which means all lines, is fine."""
    if product_ids is None:
        return
    if not product_ids:
        raise BadUserInput("productIds", "Name at least one product, or leave productIds out for all.")
    if len(set(product_ids)) < len(product_ids):
        raise BadUserInput("productIds", "Name each product once.")


def requested_lines(lines: Sequence[Line], product_ids: Sequence[str] | None) -> Sequence[Line]:
    """The lines of these products, or all. Raises NotFound for a product that the payment lacks."""
    if product_ids is None:
        return lines
    wanted = set(product_ids)
    if wanted - {line.product_id for line in lines}:
        raise NotFound("The payment has no such product.")
    return [line for line in lines if line.product_id in wanted]


def refundable_lines(
    payment: Payment, lines: Sequence[Line], window: timedelta, now: datetime
) -> list[Line] | NotRefundable:
    """The lines that may be refunded, as far as payment knows; NotRefundable when none may.

    Only library knows which games were played.
    """
    reasons = {line.product_id: _obstacle(payment, line, window, now) for line in lines}
    refundable = [line for line in lines if reasons[line.product_id] is None]
    if refundable:
        return refundable
    return NotRefundable([NotRefundableLine(product_id, reason) for product_id, reason in reasons.items() if reason])


def _obstacle(payment: Payment, line: Line, window: timedelta, now: datetime) -> NotRefundableReason | None:
    if not payment.is_paid or payment.paid_at is None:
        return NotRefundableReason.NOT_PAID
    if line.refund_id is not None:
        return NotRefundableReason.ALREADY_REFUNDED
    return NotRefundableReason.TOO_LATE if payment.paid_at + window < now else None


def revoked_lines(lines: Sequence[Line], refund: Refund, outcome: RevokeOutcome) -> list[Line]:
    """The lines of a refund whose games library has revoked."""
    return [line for line in lines if line.refund_id == refund.id and line.product_id in outcome.revoked]


def state_after(lines: Sequence[Line], revoked: Sequence[Line], earlier: Collection[str]) -> PaymentState:
    """A payment's state once `revoked` are taken back; `earlier` are the ids of refunds that took lines back before.

    A line that another refund has only reserved still counts as kept.
    """
    kept = [line for line in lines if line not in revoked and line.refund_id not in earlier]
    return PaymentState.PARTIALLY_REFUNDED if kept else PaymentState.REFUNDED


def refunded_event(refund: Refund, lines: Sequence[Line]) -> PaymentRefunded:
    paid = [PaidLine(product_id=line.product_id, points=line.points, claim_id=line.claim_id) for line in lines]
    return PaymentRefunded(refund_id=refund.id, payment_id=refund.payment_id, user_id=refund.user_id, lines=paid)
