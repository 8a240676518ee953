"""The product subgraph's queries and mutations."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID, argument

from subgraphs.contracts.product import PRODUCT_OFFERS
from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.graphql.commands import command_field
from subgraphs.kit.graphql.paging import After, First, PageRequest
from subgraphs.kit.graphql.schema import MUTATION, QUERY, build_schema
from subgraphs.kit.graphql.sizes import PAGE_SIZE, list_size
from subgraphs.kit.web.auth import Role
from subgraphs.product.discounts.domain import Discount
from subgraphs.product.domain import MAX_TITLES, Publication
from subgraphs.product.enums import ProductSort
from subgraphs.product.filter_types import ProductFilter
from subgraphs.product.lists import domain as lists
from subgraphs.product.publication_types import EditProductInput, PublishProductInput
from subgraphs.product.results import (
    EditProductResult,
    WithdrawProductResult,
    edit_to_graphql,
    withdrawal_to_graphql,
)
from subgraphs.product.types import Genre, Info, Product, ProductConnection, PublishedConnection, catalogue

DEFAULT_TITLES = 10
"""Of `searchSuggestions`."""


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
        products, chosen = catalogue(info), filter.to_domain() if filter else lists.ProductFilter()
        meaning = await products.lists.meaning(search)
        page = await products.page(meaning, chosen, sort or ProductSort.RELEVANCE, PageRequest(first, after))
        return ProductConnection.of(
            page,
            Product.of,
            lambda: products.count(meaning, chosen),
            count=lambda facet: products.facet(facet, meaning, chosen),
            suggestion=meaning.suggestion,
        )

    @strawberry.field(
        description="Titles that someone may be typing, the best first, each once. Empty if no title is similar.",
        directives=[list_size(MAX_TITLES)],
    )
    async def search_suggestions(
        self,
        info: Info,
        prefix: Annotated[str, argument(description="What was typed so far: at most 200 characters.")],
        first: Annotated[
            int | None, argument(description="How many titles to return: 1 to 20; null means 10.")
        ] = DEFAULT_TITLES,
    ) -> list[str]:
        wanted = DEFAULT_TITLES if first is None else first
        if not 1 <= wanted <= MAX_TITLES:
            raise BadUserInput("first", f"first must be between 1 and {MAX_TITLES}.")
        return await catalogue(info).titles(prefix, wanted)

    @strawberry.field(description="All genres, by name.", directives=[list_size(50)])
    async def genres(self, info: Info) -> list[Genre]:
        return [Genre(name=name) for name in await catalogue(info).genres()]

    @strawberry.field(
        description="The products that the signed-in developer or admin has published, withdrawn ones included, the "
        "newest first.",
        directives=[PAGE_SIZE],
    )
    async def my_products(self, info: Info, first: First = 20, after: After = None) -> PublishedConnection:
        viewer, products = info.context.require_role(Role.DEVELOPER, Role.ADMIN), catalogue(info)
        page = await products.published_by(viewer.id, PageRequest(first, after))
        return PublishedConnection.of(page, Product.of, lambda: products.count_published_by(viewer.id))

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
        description="Changes what is said of a product, and its price. Orders keep the prices that they fixed. "
        "Developers manage the products they published; admins manage any."
    )
    async def edit_product(
        self, info: Info, input: Annotated[EditProductInput, argument(description="What to change.")]
    ) -> EditProductResult:
        viewer, editing = info.context.require_role(Role.DEVELOPER, Role.ADMIN), info.context.service.editing
        return edit_to_graphql(await editing.edit(viewer, input.product_id, input.version, input.changes))

    @strawberry.mutation(
        description="Takes a product out of all lists and ends its discount: it cannot be bought any more. Whoever has "
        "bought it keeps it. Idempotent. Developers manage the products they published; admins manage any."
    )
    async def withdraw_product(
        self, info: Info, product_id: Annotated[ID, argument(description="The product to withdraw.")]
    ) -> WithdrawProductResult:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        return withdrawal_to_graphql(await info.context.service.withdrawal.withdraw(viewer, product_id))

    @strawberry.mutation(
        description="Offers a withdrawn product again, at its regular price. Idempotent. "
        "Developers manage the products they published; admins manage any."
    )
    async def offer_product_again(
        self, info: Info, product_id: Annotated[ID, argument(description="The product to offer again.")]
    ) -> Product:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        return Product.of(await info.context.service.withdrawal.offer_again(viewer, product_id))

    @strawberry.mutation(
        description="Sets a product's discount; 0 ends the sale. Prices already fixed in an order do not change. "
        "Developers manage the products they published; admins manage any."
    )
    async def set_discount(
        self,
        info: Info,
        product_id: Annotated[ID, argument(description="The product to discount.")],
        percent: Annotated[int, argument(description="The discount: 0 to 90 percent.")],
        ends_at: Annotated[
            datetime | None,
            argument(
                description="When the discount ends by itself, in the future; null: it stays until it is set again."
            ),
        ] = None,
    ) -> Product:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        discount = Discount(percent, ends_at)
        return Product.of(await info.context.service.discounts.set(viewer, product_id, discount))


schema = build_schema(Query, Mutation)
