"""The product subgraph's queries and mutations."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry import ID, argument

from subgraphs.contracts.product import PRODUCT_OFFERS
from subgraphs.kit.graphql.commands import command_field
from subgraphs.kit.graphql.paging import After, First, PageRequest
from subgraphs.kit.graphql.schema import MUTATION, QUERY, build_schema
from subgraphs.kit.graphql.sizes import PAGE_SIZE, list_size
from subgraphs.kit.web.auth import Role
from subgraphs.product import domain
from subgraphs.product.domain import Platform, ProductSort, Publication
from subgraphs.product.types import Genre, Info, Product, ProductConnection, ProductFilter, catalogue


@strawberry.input(description="A new product of the catalogue.")
class PublishProductInput:
    title: str = strawberry.field(description="1 to 200 characters.")
    description: str = strawberry.field(description="1 to 10,000 characters.")
    usd: Decimal = strawberry.field(description="The price: 0 to 10,000 US dollars with at most two decimals.")
    genres: list[str] = strawberry.field(
        description="1 to 20 genres of 1 to 60 characters each; genres that the catalogue does not have are added."
    )
    released_on: date | None = strawberry.field(default=None, description="The day of its release.")
    platforms: list[Platform] = strawberry.field(description="The operating systems that it runs on: at least one.")
    header_image: str | None = strawberry.field(
        default=None, description="The http or https URL of its picture: at most 500 characters."
    )


@strawberry.type(description=QUERY)
class Query:
    @strawberry.field(description="The product with this id; null if there is none.")
    async def product(self, info: Info, id: Annotated[ID, argument(description="The product's id.")]) -> Product | None:
        product = await info.context.load(catalogue(info).by_ids, id)
        return Product.of(product) if product else None

    @strawberry.field(
        description="The catalogue: full-text search in titles and descriptions, filters, a stable order.",
        directives=[PAGE_SIZE],
    )
    async def products(
        self,
        info: Info,
        search: Annotated[
            str | None,
            argument(
                description="At most 200 characters. Every word must occur in the title or the description; "
                "the last one may be the beginning of a word."
            ),
        ] = None,
        filter: Annotated[ProductFilter | None, argument(description="Which products to list; null lists all.")] = None,
        sort: Annotated[
            ProductSort | None, argument(description="The order; null means RELEVANCE.")
        ] = ProductSort.RELEVANCE,
        first: First = 20,
        after: After = None,
    ) -> ProductConnection:
        products, chosen = catalogue(info), filter.to_domain() if filter else domain.ProductFilter()
        page = await products.page(search, chosen, sort or ProductSort.RELEVANCE, PageRequest(first, after))
        return ProductConnection.of(page, Product.of, lambda: products.count(search, chosen))

    @strawberry.field(description="All genres, by name.", directives=[list_size(50)])
    async def genres(self, info: Info) -> list[Genre]:
        return [Genre(name=name) for name in await catalogue(info).genres()]

    product_offers = command_field(PRODUCT_OFFERS, lambda service: service.offers)


@strawberry.type(description=MUTATION)
class Mutation:
    @strawberry.mutation(description="Publishes a product. Developers and admins only.")
    async def publish_product(
        self, info: Info, input: Annotated[PublishProductInput, argument(description="The product to publish.")]
    ) -> Product:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        return Product.of(await info.context.service.publish(viewer, Publication(**vars(input))))

    @strawberry.mutation(
        description="Sets a product's discount; 0 ends the sale. Prices already fixed in an order do not change. "
        "Developers manage the products they published; admins manage any."
    )
    async def set_discount(
        self,
        info: Info,
        product_id: Annotated[ID, argument(description="The product to discount.")],
        percent: Annotated[int, argument(description="The discount: 0 to 90 percent.")],
    ) -> Product:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        return Product.of(await info.context.service.set_discount(viewer, product_id, percent))


schema = build_schema(Query, Mutation)
