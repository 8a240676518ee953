"""The product subgraph's GraphQL types."""

from datetime import date, datetime

import strawberry
from strawberry import ID

from subgraphs.kit.errors import StoreError
from subgraphs.kit.graphql.paging import After, Connection, First, PageRequest
from subgraphs.kit.graphql.sizes import COUNTS_COST, PAGE_SIZE, TEXT_COST, URL_COST, list_size
from subgraphs.kit.web.context import Context
from subgraphs.product import domain
from subgraphs.product.catalogue import Catalogue
from subgraphs.product.domain import ANONYMOUS, MILLIONTHS, CompanyKind, Group, MediaKind
from subgraphs.product.editing.domain import version_of
from subgraphs.product.enums import Platform
from subgraphs.product.facet_types import Count, ProductFacets
from subgraphs.product.links.service import Links
from subgraphs.product.lists.domain import members_of
from subgraphs.product.lists.service import EVERYTHING
from subgraphs.product.service import ProductService
from subgraphs.product.value_types import Language, Price, Tag
from subgraphs.product.withdrawn.service import WithdrawnProducts

Info = strawberry.Info[Context[ProductService], None]


def catalogue(info: Info) -> Catalogue:
    """Where this viewer reads the catalogue. A public field answers anybody, also with an invalid token."""
    try:
        viewer = info.context.viewer_or_none
    except StoreError:
        viewer = None
    return info.context.service.catalogue_for(viewer)


@strawberry.federation.type(keys=["id"], description="A game of the catalogue.")
class Product:
    product: strawberry.Private[domain.Product]
    id: ID = strawberry.field(description="The product's id; for a game of the data set, its Steam app id.")
    title: str = strawberry.field(description="The title.")
    header_image: str | None = strawberry.field(
        description="The URL of its picture; null if there is none.", directives=[URL_COST]
    )
    released_on: date | None = strawberry.field(description="The day of its release; null if unknown.")
    platforms: list[Platform] = strawberry.field(
        description="The operating systems that it runs on.", directives=[list_size(3)]
    )
    positive_reviews: int = strawberry.field(description="How many players recommend it.")
    negative_reviews: int = strawberry.field(description="How many players do not recommend it.")
    review_score: int = strawberry.field(
        description="How well it is reviewed: the lower bound of the share that recommends it (95 % Wilson score), in "
        "percent; 0 without reviews."
    )
    price: Price = strawberry.field(description="What it costs now.")
    genres: "list[Genre]" = strawberry.field(description="Its genres, by name.", directives=[list_size(20)])
    withdrawn_at: datetime | None = strawberry.field(
        description="When it was withdrawn: it is in no list and cannot be bought, and whoever has bought it keeps it. "
        "Null while it is offered."
    )

    @strawberry.field(description="What the game is about.", directives=[TEXT_COST])
    async def description(self, info: Info) -> str:
        return await info.context.load(catalogue(info).descriptions, self.id)

    @strawberry.field(
        description="A name for what its publisher may edit, as it is now: for `editProduct`.", directives=[TEXT_COST]
    )
    async def version(self, info: Info) -> str:
        description = await info.context.load(catalogue(info).descriptions, self.id)
        return version_of(self.product.content(description))

    @strawberry.field(description="The companies that made it; empty if none is named.", directives=[list_size(2)])
    async def developed_by(self, info: Info) -> "list[Company]":
        names = await self._companies(info, CompanyKind.DEVELOPER)
        return [Company(name=name) for name in names if name != ANONYMOUS]

    @strawberry.field(
        description='Who made it; "Anonymous" if nobody is named.',
        directives=[list_size(2)],
        deprecation_reason="Use `developedBy` instead. Removed after 2027-06-30.",
    )
    async def developers(self, info: Info) -> list[str]:
        return await self._companies(info, CompanyKind.DEVELOPER) or [ANONYMOUS]

    @strawberry.field(description="The companies that published it.", directives=[list_size(2)])
    async def published_by(self, info: Info) -> "list[Company]":
        return [Company(name=name) for name in await self._companies(info, CompanyKind.PUBLISHER)]

    @strawberry.field(
        description="Who published it.",
        directives=[list_size(2)],
        deprecation_reason="Use `publishedBy` instead. Removed after 2027-06-30.",
    )
    async def publishers(self, info: Info) -> list[str]:
        return await self._companies(info, CompanyKind.PUBLISHER)

    @strawberry.field(description="Its tags, the most given first.", directives=[list_size(20)])
    async def tags(self, info: Info) -> list[Tag]:
        return [Tag.of(tag) for tag in await info.context.load(self._links(info).tags, self.id)]

    @strawberry.field(description="The categories that it is in, by name.", directives=[list_size(10)])
    async def in_categories(self, info: Info) -> "list[Category]":
        names = await info.context.load(self._links(info).categories, self.id)
        return [Category(name=name) for name in names]

    @strawberry.field(
        description='Its features, such as "Single-player", by name.',
        directives=[list_size(10)],
        deprecation_reason="Use `inCategories` instead. Removed after 2027-06-30.",
    )
    async def categories(self, info: Info) -> list[str]:
        return await info.context.load(self._links(info).categories, self.id)

    @strawberry.field(description="The languages that it supports, by name.", directives=[list_size(15)])
    async def languages(self, info: Info) -> list[Language]:
        languages = await info.context.load(self._links(info).languages, self.id)
        return [Language.of(language) for language in languages]

    @strawberry.field(description="The URLs of its screenshots.", directives=[list_size(10), URL_COST])
    async def screenshots(self, info: Info) -> list[str]:
        return await self._media(info, MediaKind.SCREENSHOT)

    @strawberry.field(description="The URLs of its movies.", directives=[list_size(3), URL_COST])
    async def movies(self, info: Info) -> list[str]:
        return await self._media(info, MediaKind.MOVIE)

    def _links(self, info: Info) -> Links | WithdrawnProducts:
        products = catalogue(info)
        return products.links if self.withdrawn_at is None else products.withdrawn

    async def _companies(self, info: Info, kind: CompanyKind) -> list[str]:
        companies = await info.context.load(self._links(info).companies, self.id)
        return [company.name for company in companies if company.kind is kind]

    async def _media(self, info: Info, kind: MediaKind) -> list[str]:
        media = await info.context.load(self._links(info).media, self.id)
        return [one.url for one in media if one.kind is kind]

    @classmethod
    async def resolve_reference(cls, info: Info, id: ID) -> "Product | None":
        product = await info.context.load(catalogue(info).by_ids, id)
        return cls.of(product) if product else None

    @classmethod
    def of(cls, product: domain.Product) -> "Product":
        return cls(
            product=product,
            id=ID(str(product.id)),
            title=product.title,
            header_image=product.header_image,
            released_on=product.released_on,
            platforms=[platform for platform in Platform if platform in product.platforms],
            positive_reviews=product.positive_reviews,
            negative_reviews=product.negative_reviews,
            review_score=product.review_score // MILLIONTHS,
            price=Price.of(product.price),
            genres=[Genre(name=name) for name in product.genres],
            withdrawn_at=product.withdrawn_at,
        )


@strawberry.type(description="One page of a list of products.")
class ProductConnection(Connection[Product]):
    count: strawberry.Private[Count]
    suggestion: str | None = strawberry.field(
        default=None,
        description="What the list was searched for instead, where nothing has all words of the search: the same with "
        "its spelling corrected, or with words joined or split. Null otherwise.",
    )

    @strawberry.field(description="How many products of the list have which values.", directives=[COUNTS_COST])
    def facets(self) -> ProductFacets:
        return ProductFacets(count=self.count)


@strawberry.type(description="One page of the products that a user has published.")
class PublishedConnection(Connection[Product]):
    pass


async def products_of(info: Info, group: Group, name: str, first: int | None, after: str | None) -> ProductConnection:
    """A page of the products of a group, the most reviewed first."""
    products, load = catalogue(info), info.context.load
    page = await load(products.groups.pages, name, group, PageRequest(first, after))
    members = members_of(group, name)
    return ProductConnection.of(
        page,
        Product.of,
        lambda: load(products.groups.sizes, name, group),
        count=lambda facet: products.facet(facet, EVERYTHING, members),
    )


@strawberry.type(description="A genre of games.")
class Genre:
    name: str = strawberry.field(description="The genre's name.")

    @strawberry.field(description="The genre's products, the most reviewed first.", directives=[PAGE_SIZE])
    async def products(self, info: Info, first: First = 20, after: After = None) -> ProductConnection:
        return await products_of(info, Group.GENRE, self.name, first, after)


@strawberry.type(description='A feature that games have, such as "Single-player".')
class Category:
    name: str = strawberry.field(description="The category's name.")

    @strawberry.field(description="The games in this category, the most reviewed first.", directives=[PAGE_SIZE])
    async def products(self, info: Info, first: First = 20, after: After = None) -> ProductConnection:
        return await products_of(info, Group.CATEGORY, self.name, first, after)


@strawberry.type(description="A company that makes or publishes games.")
class Company:
    name: str = strawberry.field(description="The company's name.")

    @strawberry.field(description="The games that it made, the most reviewed first.", directives=[PAGE_SIZE])
    async def developed(self, info: Info, first: First = 20, after: After = None) -> ProductConnection:
        return await products_of(info, Group.DEVELOPER, self.name, first, after)

    @strawberry.field(description="The games that it published, the most reviewed first.", directives=[PAGE_SIZE])
    async def published(self, info: Info, first: First = 20, after: After = None) -> ProductConnection:
        return await products_of(info, Group.PUBLISHER, self.name, first, after)
