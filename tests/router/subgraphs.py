"""Two small real subgraphs for the router's tests.

`python subgraphs.py PORT` serves them; `--sdl NAME` prints the SDL of one. They compose to supergraph.graphql.
"""

import asyncio
import json
import sys
from typing import Any

import strawberry
import uvicorn
from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.federation import Schema


@strawberry.federation.type(keys=["id"], name="Product")
class Owned:
    id: strawberry.ID


@strawberry.type
class Me:
    name: str

    @strawberry.field
    def library(self) -> list[Owned]:
        return [Owned(id=strawberry.ID("1")), Owned(id=strawberry.ID("2"))]


@strawberry.type(name="Query")
class UserQuery:
    @strawberry.field
    def me(self) -> Me:
        return Me(name="Ada")

    @strawberry.field(description="The headers that the subgraph received, as JSON.")
    def headers(self, info: strawberry.Info) -> str:
        return json.dumps(dict(info.context["request"].headers))

    @strawberry.field(description="Fails with this code, or without one.")
    def fail(self, code: str | None = None) -> str | None:
        fields = {"field": "code", "fields": [{"field": "code", "message": "asked to fail"}]}
        extensions: dict[str, Any] = {"requestId": "r-1", "retryAfter": 3, **fields, "inner": "secret"}
        raise GraphQLError("asked to fail", extensions=extensions | ({"code": code} if code else {}))

    @strawberry.field
    async def slow(self) -> str | None:
        await asyncio.sleep(3)
        return "late"


@strawberry.federation.type(keys=["id"])
class Product:
    id: strawberry.ID
    title: str

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "Product":
        return cls(id=id, title=f"Game {id}")


@strawberry.type(name="Query")
class ProductQuery:
    @strawberry.field
    def product(self, id: strawberry.ID) -> Product | None:
        return Product(id=id, title=f"Game {id}")


SCHEMAS = {"user": Schema(query=UserQuery), "product": Schema(query=ProductQuery)}


async def reject(_: Request) -> JSONResponse:
    """Answers as a subgraph does when it rejects an operation: with an HTTP error and the reason."""
    errors = [{"message": "too complex", "extensions": {"code": "QUERY_TOO_COMPLEX"}}]
    return JSONResponse({"errors": errors}, 400)


def main() -> None:
    if sys.argv[1] == "--sdl":
        print(SCHEMAS[sys.argv[2]].as_str())
        return
    routes = [Route(f"/{name}", GraphQL(schema), methods=["POST"]) for name, schema in SCHEMAS.items()]
    application = Starlette(routes=[*routes, Route("/reject", reject, methods=["POST"])])
    uvicorn.run(application, port=int(sys.argv[1]), log_level="critical", timeout_keep_alive=75)


if __name__ == "__main__":
    main()
