"""The events that the library handles."""

from subgraphs.contracts.payment import PaymentPaid
from subgraphs.kit.messaging.inbox import Handlers
from subgraphs.library.service import LibraryService


def handlers(service: LibraryService) -> Handlers:
    return {PaymentPaid: service.apply_paid}
