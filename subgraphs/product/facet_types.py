"""The GraphQL types of facets: how many products of a list have which value."""

from collections.abc import Awaitable, Callable

import strawberry

from subgraphs.kit.graphql.sizes import list_size
from subgraphs.product.domain import PLATFORM_BITS
from subgraphs.product.enums import Platform
from subgraphs.product.lists.domain import BANDS, MOST_NAMES, Counted, Facet

Count = Callable[[Facet], Awaitable[list[Counted]]]


@strawberry.type(description="How many products of a list have a genre, a tag or a language.")
class NameCount:
    name: str = strawberry.field(description="The genre, tag or language.")
    products: int = strawberry.field(description="How many products of the list have it.")


@strawberry.type(description="How many products of a list run on an operating system.")
class PlatformCount:
    platform: Platform = strawberry.field(description="The operating system.")
    products: int = strawberry.field(description="How many products of the list run on it.")


@strawberry.type(description="How many products of a list cost so much now.")
class PriceBand:
    min_points: int = strawberry.field(description="The least points: a filter's `minPoints`.")
    max_points: int | None = strawberry.field(
        description="The most points: a filter's `maxPoints`. Null for the last band, which has no end."
    )
    products: int = strawberry.field(description="How many products of the list cost so much.")


@strawberry.type(
    description="How many products of the whole list, as it is searched and filtered, have which values. A count is "
    "the number of products that are left if its value is added to the filter."
)
class ProductFacets:
    count: strawberry.Private[Count]

    @strawberry.field(
        description="The genres that most products have: 50 at most, the most frequent first.",
        directives=[list_size(MOST_NAMES)],
    )
    async def genres(self) -> list[NameCount]:
        return await self._names(Facet.GENRES)

    @strawberry.field(
        description="The tags that most products have: 50 at most, the most frequent first.",
        directives=[list_size(MOST_NAMES)],
    )
    async def tags(self) -> list[NameCount]:
        return await self._names(Facet.TAGS)

    @strawberry.field(
        description="The languages that most products have: 50 at most, the most frequent first.",
        directives=[list_size(MOST_NAMES)],
    )
    async def languages(self) -> list[NameCount]:
        return await self._names(Facet.LANGUAGES)

    @strawberry.field(description="The operating systems.", directives=[list_size(3)])
    async def platforms(self) -> list[PlatformCount]:
        counted = await self.count(Facet.PLATFORMS)
        return [
            PlatformCount(platform=platform, products=sum(one.products for one in counted if one.value & bit))
            for platform, bit in PLATFORM_BITS.items()
        ]

    @strawberry.field(description="The price bands, the cheapest first.", directives=[list_size(len(BANDS) + 1)])
    async def prices(self) -> list[PriceBand]:
        products = {one.value: one.products for one in await self.count(Facet.PRICES)}
        ends = [*BANDS, None]
        starts = [0, *[most + 1 for most in BANDS]]
        return [
            PriceBand(min_points=least, max_points=most, products=products.get(place, 0))
            for place, (least, most) in enumerate(zip(starts, ends, strict=True))
        ]

    async def _names(self, facet: Facet) -> list[NameCount]:
        return [NameCount(name=one.value, products=one.products) for one in await self.count(facet)]
