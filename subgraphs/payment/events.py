"""The events that the payment subgraph handles: none. It only publishes its own."""

from subgraphs.kit.messaging.inbox import Handlers
from subgraphs.payment.service import PaymentService


def handlers(service: PaymentService) -> Handlers:
    return {}
