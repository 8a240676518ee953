"""What the payment subgraph handles of the others' events: nothing, it only announces its own."""

from subgraphs.kit.messaging.inbox import Handlers
from subgraphs.payment.service import PaymentService


def handlers(service: PaymentService) -> Handlers:
    return {}
