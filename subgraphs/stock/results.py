"""The result union: how a client sees the outcome of an attempt to claim."""

from typing import Annotated, assert_never

import strawberry

from subgraphs.kit.graphql.problem import Problem
from subgraphs.stock.claims import domain
from subgraphs.stock.types import Claim, FlashSale


@strawberry.type(description="Every unit of the flash sale has been claimed or sold.")
class SoldOut(Problem):
    sale: FlashSale = strawberry.field(description="The sale.")

    @classmethod
    def of(cls, outcome: domain.SoldOut) -> "SoldOut":
        return cls(message="All units are taken.", sale=FlashSale.of(outcome.sale))


@strawberry.type(description="The flash sale has not started, has ended, or was cancelled.")
class SaleNotActive(Problem):
    sale: FlashSale = strawberry.field(description="The sale; `state` tells which of these it is.")

    @classmethod
    def of(cls, outcome: domain.SaleNotActive) -> "SaleNotActive":
        return cls(message="Nothing can be claimed now.", sale=FlashSale.of(outcome.sale))


ClaimResult = Annotated[
    Claim | SoldOut | SaleNotActive,
    strawberry.union("ClaimResult", description="The user's claim, or why there is none."),
]


def claim_to_graphql(outcome: domain.ClaimOutcome) -> ClaimResult:
    match outcome:
        case domain.ClaimWithSale():
            return Claim.of(outcome)
        case domain.SoldOut():
            return SoldOut.of(outcome)
        case domain.SaleNotActive():
            return SaleNotActive.of(outcome)
        case _:
            assert_never(outcome)
