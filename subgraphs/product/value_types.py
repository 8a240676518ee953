"""The GraphQL types of a product's price, tags and languages."""

from datetime import datetime
from decimal import Decimal

import strawberry

from subgraphs.product import domain, pricing


@strawberry.type(description="A price. One US dollar is 1,300 points; points are rounded half up.")
class Price:
    usd: Decimal = strawberry.field(description="The price in US dollars, before the discount.")
    regular_points: int = strawberry.field(description="The price in points, before the discount.")
    discount_percent: int = strawberry.field(description="The discount now: 0 to 90 percent.")
    points: int = strawberry.field(description="The price to pay now, in points.")
    discount_ends_at: datetime | None = strawberry.field(
        description="When the discount ends by itself; null without a discount, and for one without an end."
    )

    @classmethod
    def of(cls, price: pricing.Price) -> "Price":
        return cls(**vars(price))


@strawberry.type(description="A tag that players gave to a product.")
class Tag:
    name: str = strawberry.field(description="The tag's name.")
    votes: int = strawberry.field(description="How many players gave it.")

    @classmethod
    def of(cls, tag: domain.Tag) -> "Tag":
        return cls(name=tag.name, votes=tag.votes)


@strawberry.type(description="A supported language.")
class Language:
    name: str = strawberry.field(description="The language's name in English.")
    full_audio: bool = strawberry.field(description="Whether it is spoken; else it is only written.")

    @classmethod
    def of(cls, language: domain.Language) -> "Language":
        return cls(name=language.name, full_audio=language.full_audio)
