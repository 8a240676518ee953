"""What the stock subgraph does on the events of others."""

from subgraphs.contracts.payment import PaymentCancelled, PaymentPaid, PaymentRefunded
from subgraphs.kit.messaging.applying import Handlers
from subgraphs.kit.messaging.inbox import Consumes
from subgraphs.stock.models import DeadLetter, Inbox
from subgraphs.stock.service import StockService


def handlers(service: StockService) -> Handlers:
    return {
        PaymentPaid: service.holds.apply_paid,
        PaymentCancelled: service.holds.apply_cancelled,
        PaymentRefunded: service.holds.apply_refunded,
    }


consumes = Consumes(handlers, Inbox, DeadLetter)
