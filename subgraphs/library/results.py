"""The result union: what a client sees of an outcome."""

from typing import Annotated

import strawberry
from strawberry import ID

from subgraphs.library import models
from subgraphs.library import service as domain
from subgraphs.library.types import Play, Product


@strawberry.type(description="The game is not in the signed-in user's library.")
class NotOwned:
    message: str = strawberry.field(description="For a person to read.")
    product: Product = strawberry.field(description="The game.")


PlayResult = Annotated[Play | NotOwned, strawberry.union("PlayResult", description="What became of a play.")]


def shown(outcome: models.Play | domain.NotOwned, product_id: ID) -> Play | NotOwned:
    if isinstance(outcome, domain.NotOwned):
        return NotOwned(message="Only owned games can be played.", product=Product(id=product_id))
    return Play.of(outcome)
