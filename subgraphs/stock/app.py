"""The stock subgraph as an ASGI application."""

from collections.abc import Sequence

from starlette.applications import Starlette

from subgraphs.kit.jobs import Every
from subgraphs.kit.web.app import Subgraph, create_app
from subgraphs.stock.events import consumes
from subgraphs.stock.schema import schema
from subgraphs.stock.service import StockService


def jobs(service: StockService) -> Sequence[Every]:
    return (
        Every(1, "take back claims", service.claims.take_back),
        Every(1, "reconcile the claim cache", service.cache_filler.reconcile),
    )


subgraph = Subgraph(
    name="stock",
    schema=schema,
    service=StockService,
    consumes=consumes,
    jobs=jobs,
)


def create() -> Starlette:
    return create_app(subgraph)
