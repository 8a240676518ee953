"""What the product subgraph does about events: nothing, it only changes by its own mutations."""

from subgraphs.kit.messaging.inbox import Handlers
from subgraphs.product.service import ProductService


def handlers(service: ProductService) -> Handlers:
    return {}
