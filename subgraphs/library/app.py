"""The library subgraph as an ASGI application."""

from starlette.applications import Starlette

from subgraphs.kit.web.app import Subgraph, create_app
from subgraphs.library.events import consumes
from subgraphs.library.schema import schema
from subgraphs.library.service import LibraryService

subgraph = Subgraph(
    name="library",
    schema=schema,
    service=LibraryService,
    consumes=consumes,
)


def create() -> Starlette:
    return create_app(subgraph)
