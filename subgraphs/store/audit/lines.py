"""What payment says of each product of each payment: what goods and units are compared with."""

from collections.abc import AsyncIterator

from sqlalchemy import case, select

from subgraphs.payment.models import Payment, PaymentLine, Refund
from subgraphs.payment.payments.domain import PAID_STATES
from subgraphs.payment.refunds import domain as refunds
from subgraphs.store.audit.snapshots import AnyRow, Snapshots

PAID = sorted(state.value for state in PAID_STATES)
"""The states of a payment that was charged."""
TAKEN_BACK = sorted(state.value for state in refunds.TAKEN_BACK)
"""The states of a refund that has taken its lines back."""


def payment_lines(store: Snapshots) -> AsyncIterator[AnyRow]:
    """payment_id, product_id, user_id, state, claim_id, and refund_id where it was taken back; sorted."""
    taken_back = case((Refund.state.in_(TAKEN_BACK), Refund.id)).label("refund_id")
    query = (
        select(
            PaymentLine.payment_id,
            PaymentLine.product_id,
            Payment.user_id,
            Payment.state,
            PaymentLine.claim_id,
            taken_back,
        )
        .join(Payment, Payment.id == PaymentLine.payment_id)
        .outerjoin(Refund, Refund.id == PaymentLine.refund_id)
    )
    return store["payment"].sorted(query, PaymentLine.payment_id.expression, PaymentLine.product_id.expression)


def is_paid(line: AnyRow | None) -> bool:
    """Whether its payment was charged."""
    return line is not None and line.state in PAID


def is_owed(line: AnyRow | None) -> bool:
    """Whether it is paid, and was not taken back."""
    return line is not None and line.state in PAID and line.refund_id is None
