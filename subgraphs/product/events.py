"""The events that the product subgraph handles: none."""

from subgraphs.kit.messaging.inbox import Handlers
from subgraphs.product.service import ProductService


def handlers(service: ProductService) -> Handlers:
    return {}
