"""The product subgraph's queries and mutations."""

from datetime import date
from decimal import Decimal

import strawberry
from strawberry import ID

from subgraphs.contracts.product import PRODUCT_OFFERS
from subgraphs.kit.graphql.commands import command_field
from subgraphs.kit.graphql.paging import Connection, PageRequest
from subgraphs.kit.graphql.schema import build_schema
from subgraphs.kit.web.auth import Role
from subgraphs.product.listing import Filter, Platform, Sort
from subgraphs.product.service import Publication
from subgraphs.product.types import Genre, Info, Product, ProductConnection, ProductFilter


@strawberry.input(description="A new product of the catalogue.")
class PublishProductInput:
    title: str = strawberry.field(description="1 to 200 characters.")
    description: str = strawberry.field(description="1 to 10,000 characters.")
    usd: Decimal = strawberry.field(description="0 to 10,000 US dollars, with at most two decimals.")
    genres: list[str] = strawberry.field(
        description="1 to 20 genres of 1 to 60 characters; one that the catalogue does not know yet is added."
    )
    released_on: date | None = strawberry.field(default=None, description="The day of its release.")
    platforms: list[Platform] = strawberry.field(description="The systems that it runs on, one at least.")
    header_image: str | None = strawberry.field(
        default=None, description="The http or https URL of its picture, of at most 500 characters."
    )


@strawberry.type
class Query:
    @strawberry.field(description="A product of the catalogue; null where there is none of that id.")
    async def product(self, info: Info, id: ID) -> Product | None:
        product = await info.context.load(info.context.service.products_by_ids, id)
        return Product.of(product) if product else None

    @strawberry.field(
        graphql_type=ProductConnection,
        description="The catalogue: full-text search in titles and descriptions, filters, and a stable "
        "order. Every word of the search text must occur; the last one may be the beginning of a word.",
    )
    async def products(
        self,
        info: Info,
        search: str | None = None,
        filter: ProductFilter | None = None,
        sort: Sort | None = Sort.RELEVANCE,
        first: int | None = 20,
        after: str | None = None,
    ) -> Connection[Product]:
        service, chosen = info.context.service, filter.chosen() if filter else Filter()
        page = await service.products(search, chosen, sort or Sort.RELEVANCE, PageRequest(first, after))
        return ProductConnection.of(page, Product.listed, lambda: service.count_products(search, chosen))

    @strawberry.field(description="All genres, by name.")
    async def genres(self, info: Info) -> list[Genre]:
        return [Genre(name=name) for name in await info.context.service.genres()]

    product_offers = command_field(PRODUCT_OFFERS, lambda service: service.offers)


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Publishes a product. Developers and admins only.")
    async def publish_product(self, info: Info, input: PublishProductInput) -> Product:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        return Product.of(await info.context.service.publish(viewer, Publication(**vars(input))))

    @strawberry.mutation(
        description="Cuts a product's price by 0 to 90 percent; 0 ends the sale. Prices already fixed in an "
        "order do not change. Developers for their own products, admins for any."
    )
    async def set_discount(self, info: Info, product_id: ID, percent: int) -> Product:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        return Product.of(await info.context.service.set_discount(viewer, product_id, percent))


schema = build_schema(Query, Mutation)
