"""The tables of the six subgraphs.: the launcher's room is the only one that sees them all."""

from subgraphs.library import models as library
from subgraphs.order import models as order
from subgraphs.payment import models as payment
from subgraphs.product import models as product
from subgraphs.stock import models as stock
from subgraphs.user import models as user

TABLES = {
    "user": user,
    "product": product,
    "order": order,
    "payment": payment,
    "stock": stock,
    "library": library,
}
"""Each has a `Base` that knows all its tables."""
OUTBOXES = {"payment": payment.Outbox}
"""The outbox of each subgraph that publishes events."""
CONSUMERS = {"order": order, "stock": stock, "library": library}
"""The subgraphs that consume events: each has an `Inbox` and a `DeadLetter`."""
