"""The GraphQL inputs that publish and edit products."""

from datetime import date
from decimal import Decimal
from typing import Any

import strawberry
from strawberry import ID, UNSET

from subgraphs.product.enums import Platform


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
