"""The order subgraph as an ASGI application."""

from starlette.applications import Starlette

from subgraphs.kit.web.app import Subgraph, create_app
from subgraphs.order.events import consumes
from subgraphs.order.schema import schema
from subgraphs.order.service import OrderService

subgraph = Subgraph(
    name="order",
    schema=schema,
    service=OrderService,
    consumes=consumes,
)


def create() -> Starlette:
    return create_app(subgraph)
