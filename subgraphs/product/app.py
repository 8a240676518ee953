"""The product subgraph as an ASGI application."""

from starlette.applications import Starlette

from subgraphs.kit.web.app import Subgraph, create_app
from subgraphs.product.schema import schema
from subgraphs.product.service import ProductService

subgraph = Subgraph(
    name="product",
    schema=schema,
    service=ProductService,
)


def create() -> Starlette:
    return create_app(subgraph)
