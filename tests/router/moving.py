"""Two small real subgraphs, product and library, that both have `Product.rating` and `votes`. These move from product to library.

`python moving.py PORT` serves them. The fields answer which of them has resolved them.
"""

import sys

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry import UNSET
from strawberry.asgi import GraphQL
from strawberry.federation import Schema
from strawberry.federation.schema_directives import Override


@strawberry.federation.type(keys=["id"], name="Product")
class Game:
    id: strawberry.ID

    @strawberry.field
    def rating(self) -> str:
        return "product"

    @strawberry.field
    def votes(self) -> str:
        return "product"


@strawberry.type
class Query:
    @strawberry.field
    def products(self) -> list[Game]:
        return [Game(id=strawberry.ID("1")), Game(id=strawberry.ID("2"))]


def library(label: str | None = None) -> Schema:
    """The subgraph that the fields move to: for a share of the requests, as the label says, or for all."""

    move = Override(override_from="product", label=label or UNSET)

    @strawberry.federation.type(keys=["id"])
    class Product:
        id: strawberry.ID

        @strawberry.field(directives=[move])
        def rating(self) -> str:
            return "library"

        @strawberry.field(directives=[move])
        def votes(self) -> str:
            return "library"

        @classmethod
        def resolve_reference(cls, id: strawberry.ID) -> "Product":
            return cls(id=id)

    return Schema(types=[Product], federation_version="2.9")


PRODUCT = Schema(query=Query, federation_version="2.9")


def main() -> None:
    schemas = {"product": PRODUCT, "library": library()}
    routes = [Route(f"/{name}", GraphQL(schema), methods=["POST"]) for name, schema in schemas.items()]
    uvicorn.run(Starlette(routes=routes), port=int(sys.argv[1]), log_level="critical", timeout_keep_alive=75)


if __name__ == "__main__":
    main()
