"""The library subgraph as an ASGI application."""

from starlette.applications import Starlette

from subgraphs.kit.web.app import Subgraph, create_app
from subgraphs.library.events import handlers
from subgraphs.library.models import DeadLetter, Inbox, Outbox
from subgraphs.library.schema import schema
from subgraphs.library.service import LibraryService

subgraph = Subgraph(
    name="library",
    schema=schema,
    outbox=Outbox,
    inbox=Inbox,
    parked=DeadLetter,
    service=LibraryService,
    handlers=handlers,
)


def create() -> Starlette:
    return create_app(subgraph)
