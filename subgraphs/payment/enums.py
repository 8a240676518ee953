"""The GraphQL enums of payment."""

from enum import Enum

import strawberry

from subgraphs.kit.graphql.enums import graphql_enum
from subgraphs.payment.payments.domain import PaymentState
from subgraphs.payment.refunds.domain import NotRefundableReason
from subgraphs.payment.top_ups.domain import TopUpState
from subgraphs.payment.wallets.domain import LedgerKind

__all__ = ["LedgerKind", "NotRefundableReason", "PaymentState", "TopUpState", "VisibleRefundState"]

graphql_enum(
    LedgerKind,
    "Why points moved.",
    {
        LedgerKind.TOP_UP: "Points were bought.",
        LedgerKind.PURCHASE: "A payment was charged.",
        LedgerKind.REFUND: "A refund was settled.",
        LedgerKind.REVERSAL: "A top-up was given back for money.",
    },
)
graphql_enum(
    PaymentState,
    "The state of a payment.",
    {
        PaymentState.READY: "Can be paid until expiresAt.",
        PaymentState.PAID: "Charged.",
        PaymentState.CANCELLED: "Cancelled by its user before it was paid.",
        PaymentState.EXPIRED: "Not paid in time.",
        PaymentState.PARTIALLY_REFUNDED: "Charged; some of its products were refunded.",
        PaymentState.REFUNDED: "Charged; all of its products were refunded.",
    },
)
graphql_enum(
    NotRefundableReason,
    "Why a product cannot be refunded.",
    {
        NotRefundableReason.PLAYED: "The game was played.",
        NotRefundableReason.TOO_LATE: "The payment was charged more than seven days ago.",
        NotRefundableReason.NOT_PAID: "The payment is not paid.",
        NotRefundableReason.ALREADY_REFUNDED: "The product was refunded before.",
    },
)
graphql_enum(
    TopUpState,
    "The state of a top-up.",
    {
        TopUpState.OPEN: "The provider waits for the payment on pageUrl.",
        TopUpState.PAID: "Paid; the points are in the wallet.",
        TopUpState.EXPIRED: "Not paid in time.",
        TopUpState.REFUNDING: "The points have left the wallet; the money is on its way back.",
        TopUpState.REFUNDED: "The money was given back.",
    },
)


@strawberry.enum(name="RefundState", description="The state of a refund.")
class VisibleRefundState(Enum):
    """The states in which a client meets a refund: it hears of none before library has answered."""

    IN_PROGRESS = strawberry.enum_value(
        "IN_PROGRESS", description="The products are given back; the points come on settlement."
    )
    COMPLETED = strawberry.enum_value("COMPLETED", description="The points are back.")
