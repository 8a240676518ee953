"""The result union of `play`."""

from typing import Annotated, assert_never

import strawberry
from strawberry import ID

from subgraphs.kit.graphql.problem import Problem
from subgraphs.library import domain
from subgraphs.library.types import Play, Product


@strawberry.type(description="The signed-in user does not own the game, or not any more.")
class NotOwned(Problem):
    product: Product = strawberry.field(description="The game.")

    @classmethod
    def of(cls, outcome: domain.NotOwned) -> "NotOwned":
        return cls(message="Only owned games can be played.", product=Product(id=ID(outcome.product_id)))


PlayResult = Annotated[
    Play | NotOwned,
    strawberry.union("PlayResult", description="The recorded play, or why the game cannot be played."),
]


def play_to_graphql(outcome: domain.Play | domain.NotOwned) -> PlayResult:
    match outcome:
        case domain.Play():
            return Play.of(outcome)
        case domain.NotOwned():
            return NotOwned.of(outcome)
    assert_never(outcome)
