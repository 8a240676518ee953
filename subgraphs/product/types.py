"""The product subgraph's GraphQL types."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import strawberry
from strawberry import ID

from subgraphs.kit.graphql.paging import Connection, Page, PageRequest
from subgraphs.kit.web.context import Context
from subgraphs.product import models
from subgraphs.product.listing import ANONYMOUS, Filter, Platform, Sort
from subgraphs.product.repository import Listed
from subgraphs.product.service import ProductService

Info = strawberry.Info[Context[ProductService], None]
strawberry.enum(Platform, description="A system that a product runs on.")
strawberry.enum(
    Sort,
    name="ProductSort",
    description="The order of a list of products. RELEVANCE: the best match of the search text first, words "
    "in the title before words in the description; without a text MOST_REVIEWED. BEST_REVIEWED: by the lower "
    "bound of the positive share (95 % Wilson score), so that many reviews weigh more than few. NEWEST: "
    "products without a date are the last.",
)


@strawberry.type(description="One US dollar is 1,300 points; points are rounded half up.")
class Price:
    usd: Decimal = strawberry.field(description="The price before any discount, in US dollars.")
    regular_points: int = strawberry.field(description="The price before any discount, in points.")
    discount_percent: int = strawberry.field(description="The discount now: 0 to 90 percent.")
    points: int = strawberry.field(description="The price to pay now, in points.")

    @classmethod
    def of(cls, product: models.Product) -> "Price":
        return cls(
            usd=product.usd,
            regular_points=product.regular_points,
            discount_percent=product.discount_percent,
            points=product.points,
        )


@strawberry.type(description="A tag that players gave.")
class Tag:
    name: str = strawberry.field(description="The tag.")
    votes: int = strawberry.field(description="How many players gave it.")


@strawberry.type(description="A language that a product speaks.")
class Language:
    name: str = strawberry.field(description="The language's name in English.")
    full_audio: bool = strawberry.field(description="Whether it is spoken, too, and not only written.")


@strawberry.federation.type(keys=["id"], description="A game of the catalogue.")
class Product:
    id: ID = strawberry.field(description="The Steam app id for a game of the data set.")
    title: str = strawberry.field(description="The title.")
    description: str = strawberry.field(description="What it is about.")
    header_image: str | None = strawberry.field(description="The URL of its picture.")
    released_on: date | None = strawberry.field(description="The day of its release, where it is known.")
    platforms: list[Platform] = strawberry.field(description="The systems that it runs on.")
    positive_reviews: int = strawberry.field(description="How many players recommend it.")
    negative_reviews: int = strawberry.field(description="How many players do not recommend it.")
    price: Price = strawberry.field(description="What it costs now.")

    @strawberry.field(description='Who made it; "Anonymous" where nobody is named.')
    async def developers(self, info: Info) -> list[str]:
        return await self._companies(info, "D") or [ANONYMOUS]

    @strawberry.field(description="Who brought it out.")
    async def publishers(self, info: Info) -> list[str]:
        return await self._companies(info, "P")

    @strawberry.field(description="Its genres, by name.")
    async def genres(self, info: Info) -> "list[Genre]":
        links = await info.context.load(info.context.service.links.genres, self.id)
        return [Genre(name=link.genre) for link in links]

    @strawberry.field(description="Its tags, the most given first.")
    async def tags(self, info: Info) -> list[Tag]:
        links = await info.context.load(info.context.service.links.tags, self.id)
        return [Tag(name=link.tag, votes=link.votes) for link in links]

    @strawberry.field(description='Its features, such as "Single-player", by name.')
    async def categories(self, info: Info) -> list[str]:
        links = await info.context.load(info.context.service.links.categories, self.id)
        return [link.category for link in links]

    @strawberry.field(description="Its languages, by name.")
    async def languages(self, info: Info) -> list[Language]:
        links = await info.context.load(info.context.service.links.languages, self.id)
        return [Language(name=link.language, full_audio=link.full_audio) for link in links]

    @strawberry.field(description="The URLs of its screenshots.")
    async def screenshots(self, info: Info) -> list[str]:
        return await self._media(info, "S")

    @strawberry.field(description="The URLs of its movies.")
    async def movies(self, info: Info) -> list[str]:
        return await self._media(info, "M")

    async def _companies(self, info: Info, kind: str) -> list[str]:
        links = await info.context.load(info.context.service.links.companies, self.id)
        return [link.name for link in links if link.kind == kind]

    async def _media(self, info: Info, kind: str) -> list[str]:
        links = await info.context.load(info.context.service.links.media, self.id)
        return [link.url for link in links if link.kind == kind]

    @classmethod
    async def resolve_reference(cls, /, info: Info, id: Any = None, **others: Any) -> "Product | None":
        """Null for what is no product, whatever a representation holds (a field called `cls`, too)."""
        if not isinstance(id, str):
            return None
        product = await info.context.load(info.context.service.products_by_ids, id)
        return cls.of(product) if product else None

    @classmethod
    def of(cls, product: models.Product) -> "Product":
        return cls(
            id=ID(str(product.id)),
            title=product.title,
            description=product.description,
            header_image=product.header_image,
            released_on=product.released_on,
            platforms=[platform for platform in Platform if product.platforms & platform.bit],
            positive_reviews=product.positive_reviews,
            negative_reviews=product.negative_reviews,
            price=Price.of(product),
        )

    @classmethod
    def listed(cls, row: Listed) -> "Product":
        return cls.of(row.Product)


@strawberry.type(description="One page of a list of products.")
class ProductConnection(Connection[Product]):
    pass


@dataclass(frozen=True)
class GenrePages:
    """The same window of many genres' products. Equal by value: so one request loads them together."""

    service: ProductService
    page_request: PageRequest

    async def __call__(self, names: list[str]) -> list[Page[Listed]]:
        return await self.service.genre_pages(self.page_request, names)


@strawberry.type(description="A kind of game.")
class Genre:
    name: str = strawberry.field(description="The genre's name.")

    @strawberry.field(graphql_type=ProductConnection, description="The genre's products, the most reviewed first.")
    async def products(self, info: Info, first: int | None = 20, after: str | None = None) -> Connection[Product]:
        service = info.context.service
        page = await info.context.load(GenrePages(service, PageRequest(first, after)), self.name)
        sizes = service.genre_sizes
        return ProductConnection.of(page, Product.listed, lambda: info.context.load(sizes, self.name))


@strawberry.input(description="What a list of products is cut down to. What is left out does not matter.")
class ProductFilter:
    genre: str | None = strawberry.field(default=None, description="Has this genre.")
    developer: str | None = strawberry.field(default=None, description="Made by this developer.")
    max_points: int | None = strawberry.field(default=None, description="Costs no more than this now.")
    on_sale: bool | None = strawberry.field(default=None, description="Has a discount, or has none.")
    released_from: date | None = strawberry.field(default=None, description="Released then or later.")
    released_to: date | None = strawberry.field(default=None, description="Released then or earlier.")
    platform: Platform | None = strawberry.field(default=None, description="Runs on this system.")

    def chosen(self) -> Filter:
        return Filter(**vars(self))
