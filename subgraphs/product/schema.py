"""The product subgraph's queries and mutations."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry import ID, UNSET, argument

from subgraphs.contracts.product import PRODUCT_OFFERS
from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.graphql.commands import command_field
from subgraphs.kit.graphql.paging import After, First, PageRequest
from subgraphs.kit.graphql.schema import MUTATION, QUERY, build_schema
from subgraphs.kit.graphql.sizes import PAGE_SIZE, list_size
from subgraphs.kit.web.auth import Role
from subgraphs.product.discounts.domain import Discount
from subgraphs.product.domain import MAX_TITLES, Publication
from subgraphs.product.enums import Platform, ProductSort
from subgraphs.product.filter_types import ProductFilter
from subgraphs.product.lists import domain as lists
from subgraphs.product.results import (
    EditProductResult,
    WithdrawProductResult,
    edit_to_graphql,
    withdrawal_to_graphql,
)
from subgraphs.product.types import Genre, Info, Product, ProductConnection, PublishedConnection, catalogue

DEFAULT_TITLES = 10
"""Of `searchSuggestions`."""


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


@strawberry.input(description="What to change of a product. What is left out stays as it is.")
class EditProductInput:
    product_id: ID = strawberry.field(description="The product to edit.")
    version: str = strawberry.field(description="The product's `version` as its editor has seen it.")
    title: str | None = strawberry.field(default=None, description="1 to 200 characters; null changes nothing.")
    description: str | None = strawberry.field(
        default=None, description="1 to 10,000 characters; null changes nothing."
    )
    usd: Decimal | None = strawberry.field(
        default=None,
        description="The price without a discount: 0 to 10,000 US dollars with at most two decimals; null changes "
        "nothing. A discount stays, in percent.",
    )
    genres: list[str] | None = strawberry.field(
        default=None, description="All its genres: 1 to 20 of 1 to 60 characters each; null changes nothing."
    )
    platforms: list[Platform] | None = strawberry.field(
        default=None, description="All its operating systems: at least one; null changes nothing."
    )
    released_on: date | None = strawberry.field(
        default=UNSET, description="The day of its release; null makes it unknown."
    )
    header_image: str | None = strawberry.field(
        default=UNSET, description="The http or https URL of its picture: at most 500 characters; null takes it away."
    )

    @property
    def changes(self) -> dict[str, Any]:
        """The fields of a Publication that are to change."""
        given = {name: value for name, value in vars(self).items() if name not in ("product_id", "version")}
        return {
            name: value
            for name, value in given.items()
            if value is not UNSET and (value is not None or name in ("released_on", "header_image"))
        }


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
        description="Titles that may be meant by what someone is typing, the best first, each once. Empty where "
        "nothing is like it.",
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
            argument(description="When the discount ends by itself, in the future; null: not before it is set again."),
        ] = None,
    ) -> Product:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        discount = Discount(percent, ends_at)
        return Product.of(await info.context.service.discounts.set(viewer, product_id, discount))


schema = build_schema(Query, Mutation)
