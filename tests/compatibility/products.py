"""The products subgraph of Apollo's compatibility suite, on the kit: `python -m tests.compatibility.products PORT`.

The suite's `products.graphql` is the schema, and its tests say what the data is.
"""

import sys
from typing import Any

import strawberry
import uvicorn
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry import ID
from strawberry.schema_directive import Location

from subgraphs.kit.graphql.schema import Schema
from subgraphs.kit.settings import Settings
from subgraphs.kit.web.auth import Callers, Tokens
from subgraphs.kit.web.endpoint import Endpoint

SECRET = "the router's"


@strawberry.federation.schema_directive(
    locations=[Location.OBJECT],
    name="custom",
    compose=True,
    import_url="https://myspecs.dev/myCustomDirective/v1.0",
)
class Custom:
    pass


@strawberry.federation.type(extend=True, keys=["email"])
class User:
    email: ID = strawberry.federation.field(external=True)
    name: str | None = strawberry.federation.field(override="users", default="Jane Smith")
    total_products_created: int | None = strawberry.federation.field(external=True, default=1337)
    years_of_employment: int = strawberry.federation.field(external=True, default=10)

    @strawberry.federation.field(requires=["totalProductsCreated", "yearsOfEmployment"])
    def average_products_created_per_year(self) -> int | None:
        if self.total_products_created is None:
            return None
        return round(self.total_products_created / self.years_of_employment)

    @classmethod
    def resolve_reference(
        cls, email: ID, totalProductsCreated: int | None = 1337, yearsOfEmployment: int = 10
    ) -> "User | None":
        if email != SUPPORT:
            return None
        return cls(email=email, total_products_created=totalProductsCreated, years_of_employment=yearsOfEmployment)


SUPPORT = ID("support@apollographql.com")


@strawberry.federation.type(shareable=True)
class ProductDimension:
    size: str | None
    weight: float | None
    unit: str | None = strawberry.federation.field(inaccessible=True)


@strawberry.type
class ProductVariation:
    id: ID


@strawberry.type
class CaseStudy:
    case_number: ID
    description: str | None


@strawberry.federation.type(keys=["study { caseNumber }"])
class ProductResearch:
    study: CaseStudy
    outcome: str | None

    @classmethod
    def resolve_reference(cls, study: dict[str, Any]) -> "ProductResearch | None":
        return next((one for one in RESEARCH if one.study.case_number == study["caseNumber"]), None)


@strawberry.federation.type(keys=["sku package"])
class DeprecatedProduct:
    sku: str
    package: str
    reason: str | None

    @strawberry.field
    def created_by(self) -> User | None:
        return User(email=SUPPORT)

    @classmethod
    def resolve_reference(cls, sku: str, package: str) -> "DeprecatedProduct | None":
        return DEPRECATED if (sku, package) == (DEPRECATED.sku, DEPRECATED.package) else None


@strawberry.federation.type(keys=["id", "sku package", "sku variation { id }"], directives=[Custom()])
class Product:
    id: ID
    sku: str | None
    package: str | None
    variation: ProductVariation | None
    research: list[ProductResearch]
    notes: str | None = strawberry.federation.field(tags=["internal"], default=None)

    @strawberry.field
    def dimensions(self) -> ProductDimension | None:
        return ProductDimension(size="small", weight=1, unit="kg")

    @strawberry.federation.field(provides=["totalProductsCreated"])
    def created_by(self) -> User | None:
        return User(email=SUPPORT)

    @classmethod
    def resolve_reference(
        cls,
        id: str | None = None,
        sku: str | None = None,
        package: str | None = None,
        variation: dict[str, Any] | None = None,
    ) -> "Product | None":
        for one in PRODUCTS:
            named = one.variation and variation and one.variation.id == variation["id"]
            if one.id == id or (one.sku == sku and (one.package == package or named)):
                return one
        return None


@strawberry.federation.interface_object(keys=["id"])
class Inventory:
    id: ID

    @strawberry.field
    def deprecated_products(self) -> list[DeprecatedProduct]:
        return [DEPRECATED]

    @classmethod
    def resolve_reference(cls, id: ID) -> "Inventory":
        return cls(id=id)


RESEARCH = [
    ProductResearch(study=CaseStudy(case_number=ID("1234"), description="Federation Study"), outcome=None),
    ProductResearch(study=CaseStudy(case_number=ID("1235"), description="Studio Study"), outcome=None),
]
DEPRECATED = DeprecatedProduct(
    sku="apollo-federation-v1", package="@apollo/federation-v1", reason="Migrate to Federation V2"
)
PRODUCTS = [
    Product(
        id=ID("apollo-federation"),
        sku="federation",
        package="@apollo/federation",
        variation=ProductVariation(id=ID("OSS")),
        research=RESEARCH[:1],
    ),
    Product(
        id=ID("apollo-studio"),
        sku="studio",
        package="",
        variation=ProductVariation(id=ID("platform")),
        research=RESEARCH[1:],
    ),
]


@strawberry.type
class Query:
    @strawberry.field
    def product(self, id: ID) -> Product | None:
        return Product.resolve_reference(id=id)

    @strawberry.field(deprecation_reason="Use product query instead")
    def deprecated_product(self, sku: str, package: str) -> DeprecatedProduct | None:
        return DeprecatedProduct.resolve_reference(sku, package)


schema = Schema(query=Query, types=(User, ProductResearch, Inventory), federation_version="2.3")
"""At the newest version that the suite knows."""


class Opened:
    """The endpoint for callers without the router's secret, which the suite does not have."""

    def __init__(self, endpoint: ASGIApp) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            secret = (b"x-router-secret", SECRET.encode())
            await self._endpoint({**scope, "headers": [*scope["headers"], secret]}, receive, send)


def main() -> None:
    """Serves the subgraph."""
    settings = Settings(router_secret=SecretStr(SECRET))
    nobody: Any = None  # nobody signs in
    endpoint = Endpoint(schema, None, Callers(settings), Tokens(settings, nobody, frozenset()))
    uvicorn.run(Opened(endpoint), port=int(sys.argv[1]), log_level="critical", lifespan="off")


if __name__ == "__main__":
    main()
