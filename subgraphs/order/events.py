"""What the order subgraph does on the events of others."""

from subgraphs.contracts.payment import PaymentCancelled, PaymentPaid
from subgraphs.kit.messaging.applying import Handlers
from subgraphs.kit.messaging.inbox import Consumes
from subgraphs.order.models import DeadLetter, Inbox
from subgraphs.order.service import OrderService


def handlers(service: OrderService) -> Handlers:
    return {PaymentPaid: service.payments.apply_paid, PaymentCancelled: service.payments.apply_cancelled}


consumes = Consumes(handlers, Inbox, DeadLetter)
