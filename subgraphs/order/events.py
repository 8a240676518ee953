"""What order does about events."""

from subgraphs.contracts.payment import PaymentCancelled, PaymentPaid
from subgraphs.kit.messaging.inbox import Handlers
from subgraphs.order.service import OrderService


def handlers(service: OrderService) -> Handlers:
    return {PaymentPaid: service.payments.apply_paid, PaymentCancelled: service.payments.apply_cancelled}
