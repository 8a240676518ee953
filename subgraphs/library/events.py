"""The events that the library handles."""

from subgraphs.contracts.payment import PaymentPaid
from subgraphs.kit.messaging.applying import Handlers
from subgraphs.kit.messaging.inbox import Consumes
from subgraphs.library.models import DeadLetter, Inbox
from subgraphs.library.service import LibraryService


def handlers(service: LibraryService) -> Handlers:
    return {PaymentPaid: service.apply_paid}


consumes = Consumes(handlers, Inbox, DeadLetter)
