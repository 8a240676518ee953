"""The GraphQL inputs that say which products a list holds."""

from datetime import date

import strawberry

from subgraphs.product.enums import Platform
from subgraphs.product.lists import domain


@strawberry.input(description="Names that products have. Both conditions must hold; a null or empty list sets none.")
class NamesFilter:
    any: list[str] | None = strawberry.field(default=None, description="At least one of these.")
    all: list[str] | None = strawberry.field(default=None, description="All of these.")

    def to_domain(self) -> domain.Names:
        return domain.Names(tuple(dict.fromkeys(self.any or ())), tuple(dict.fromkeys(self.all or ())))


@strawberry.input(description="Which products a list holds. Every given condition must hold; null sets none.")
class ProductFilter:
    genre: str | None = strawberry.field(default=None, description="Has this genre; its exact name.")
    developer: str | None = strawberry.field(default=None, description="Was made by this developer; the exact name.")
    publisher: str | None = strawberry.field(default=None, description="Was published by this company; the exact name.")
    min_points: int | None = strawberry.field(default=None, description="Costs at least so many points now.")
    max_points: int | None = strawberry.field(default=None, description="Costs at most so many points now.")
    on_sale: bool | None = strawberry.field(default=None, description="Has a discount now (true), or none (false).")
    released_from: date | None = strawberry.field(default=None, description="Was released on this day or later.")
    released_to: date | None = strawberry.field(default=None, description="Was released on this day or earlier.")
    platform: Platform | None = strawberry.field(default=None, description="Runs on this operating system.")
    min_review_score: int | None = strawberry.field(
        default=None, description="Has at least this `reviewScore`: 0 to 100 percent."
    )
    genres: NamesFilter | None = strawberry.field(default=None, description="Has these genres; 20 at most.")
    tags: NamesFilter | None = strawberry.field(default=None, description="Has these tags; 20 at most.")
    categories: NamesFilter | None = strawberry.field(
        default=None, description='Has these features, such as "Single-player"; 20 at most.'
    )
    languages: NamesFilter | None = strawberry.field(
        default=None, description="Supports these languages, by their English names; 20 at most."
    )

    def to_domain(self) -> domain.ProductFilter:
        """Raises BadUserInput for what is impossible or too long."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        names = {name: value.to_domain() for name, value in given.items() if isinstance(value, NamesFilter)}
        return domain.ProductFilter(**given | names)
