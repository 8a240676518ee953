"""The product subgraph as an ASGI application."""

from starlette.applications import Starlette

from subgraphs.kit.jobs import Every
from subgraphs.kit.redis.broadcast import RECONNECT_SECONDS
from subgraphs.kit.web.app import Subgraph, create_app
from subgraphs.product.schema import schema
from subgraphs.product.service import ProductService

subgraph = Subgraph(
    name="product",
    schema=schema,
    service=ProductService,
    jobs=lambda service: [
        Every(RECONNECT_SECONDS, "follow the catalogue's changes", service.changes.follow),
        Every(1, "end discounts", service.due_discounts.watch),
    ],
)


def create() -> Starlette:
    return create_app(subgraph)
