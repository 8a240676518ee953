"""The product subgraph as an ASGI application."""

from starlette.applications import Starlette

from subgraphs.kit.web.app import Subgraph, create_app
from subgraphs.product.events import handlers
from subgraphs.product.models import DeadLetter, Inbox, Outbox
from subgraphs.product.schema import schema
from subgraphs.product.service import ProductService

subgraph = Subgraph(
    name="product",
    schema=schema,
    outbox=Outbox,
    inbox=Inbox,
    parked=DeadLetter,
    service=ProductService,
    handlers=handlers,
)


def create() -> Starlette:
    return create_app(subgraph)
