"""Events as a test needs them."""

from datetime import UTC, datetime

from subgraphs.contracts.payment import PaidLine, PaymentPaid
from subgraphs.kit.database.columns import new_id


def paid(points: int = 1) -> PaymentPaid:
    """A payment of one product, of a user and an order that nobody else knows."""
    line = PaidLine(product_id=new_id(), points=points)
    return PaymentPaid(
        payment_id=new_id(), order_id=new_id(), user_id=new_id(), paid_at=datetime.now(UTC), lines=[line]
    )
