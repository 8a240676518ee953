"""The result union: what a client sees of an outcome."""

from typing import Annotated

import strawberry

from subgraphs.stock import domain
from subgraphs.stock.types import Claim, FlashSale


@strawberry.type(description="The flash sale has no units left.")
class SoldOut:
    message: str = strawberry.field(description="For a person to read.")
    sale: FlashSale = strawberry.field(description="The sale.")


@strawberry.type(description="The flash sale has not started, has ended, or was cancelled.")
class SaleNotActive:
    message: str = strawberry.field(description="For a person to read.")
    sale: FlashSale = strawberry.field(description="The sale.")


ClaimResult = Annotated[
    Claim | SoldOut | SaleNotActive,
    strawberry.union("ClaimResult", description="What became of an attempt to claim."),
]


def shown(outcome: domain.ClaimOutcome) -> Claim | SoldOut | SaleNotActive:
    match outcome:
        case domain.SoldOut(sale):
            return SoldOut(message="All units are taken.", sale=FlashSale.of(sale))
        case domain.SaleNotActive(sale):
            return SaleNotActive(message="Nothing can be claimed now.", sale=FlashSale.of(sale))
    return Claim.of(outcome)
