"""The tables of all subgraphs."""

from importlib import import_module

from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.library import models as library
from subgraphs.order import models as order
from subgraphs.payment import models as payment
from subgraphs.stock import models as stock

TABLES = {name: import_module(f"subgraphs.{name}.models") for name in SUBGRAPHS}
"""Each module has a `Base` whose metadata lists all its tables."""
OUTBOXES = {"payment": payment.Outbox}
"""The outbox of each subgraph that publishes events."""
CONSUMERS = {"order": order, "stock": stock, "library": library}
"""The subgraphs that consume events; each module has an `Inbox` and a `DeadLetter`."""
