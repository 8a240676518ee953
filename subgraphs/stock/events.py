"""Applies the events that stock consumes."""

from subgraphs.contracts.payment import PaymentCancelled, PaymentPaid, PaymentRefunded
from subgraphs.kit.messaging.inbox import Handlers
from subgraphs.stock.service import StockService


def handlers(service: StockService) -> Handlers:
    return {
        PaymentPaid: service.holds.apply_paid,
        PaymentCancelled: service.holds.apply_cancelled,
        PaymentRefunded: service.holds.apply_refunded,
    }
