"""The lines of all payments, which libraries and units of stock are compared with."""

from collections.abc import AsyncIterator

from sqlalchemy import case, select

from subgraphs.payment.models import Payment, PaymentLine, Refund
from subgraphs.payment.payments import domain as payments
from subgraphs.payment.refunds import domain as refunds
from subgraphs.store.audit.snapshots import AnyRow, Snapshots

PAID_STATES = sorted(state.value for state in payments.PAID_STATES)
"""The states of a payment that was charged."""
REVOKED_STATES = sorted(state.value for state in refunds.TAKEN_BACK)
"""The states of a refund whose lines were revoked in the library."""


def payment_lines(store: Snapshots) -> AsyncIterator[AnyRow]:
    """payment_id, product_id, user_id, state, holds_units, claim_id, refund_id if revoked; sorted by the first two."""
    refund_id = case((Refund.state.in_(REVOKED_STATES), Refund.id)).label("refund_id")
    query = (
        select(
            PaymentLine.payment_id,
            PaymentLine.product_id,
            Payment.user_id,
            Payment.state,
            Payment.holds_units,
            PaymentLine.claim_id,
            refund_id,
        )
        # An inner join could begin with the payments, and would sort all that are left for each chunk of lines.
        .outerjoin(Payment, Payment.id == PaymentLine.payment_id)
        .outerjoin(Refund, Refund.id == PaymentLine.refund_id)
    )
    return store["payment"].sorted(query, PaymentLine.payment_id.expression, PaymentLine.product_id.expression)


def is_paid(line: AnyRow | None) -> bool:
    """Whether the line's payment was charged."""
    return line is not None and line.state in PAID_STATES


def is_entitled(line: AnyRow | None) -> bool:
    """Whether the user is entitled to the product: the line is paid and was not revoked."""
    return line is not None and is_paid(line) and line.refund_id is None
