"""The tables of the six subgraphs."""

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
"""Each module has a `Base` whose metadata lists all its tables."""
OUTBOXES = {"payment": payment.Outbox}
"""The outbox of each subgraph that publishes events."""
CONSUMERS = {"order": order, "stock": stock, "library": library}
"""The subgraphs that consume events; each module has an `Inbox` and a `DeadLetter`."""
