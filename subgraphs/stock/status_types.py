"""The GraphQL type of how a flash sale stands."""

import strawberry

from subgraphs.stock.enums import FlashSaleState
from subgraphs.stock.status import domain as status


@strawberry.type(
    description="How a flash sale stands, for pages that ask again and again. It is cheap, and may be a second old: "
    "only `claim` decides exactly."
)
class SaleStatus:
    version: str = strawberry.field(description="A name for these numbers: send it with the next `saleStatus`.")
    unchanged: bool = strawberry.field(description="Whether the version that was sent is still the current one.")
    state: FlashSaleState = strawberry.field(description="Where the sale stands.")
    remaining: int = strawberry.field(description="How many units can be claimed.")
    units: int = strawberry.field(description="How many units there are in all.")
    poll_after: int | None = strawberry.field(
        description="The seconds after which to ask again. Null once the sale has ended or was cancelled: it stays so."
    )

    @classmethod
    def of(cls, found: status.SaleStatus, known: str | None, interval: int) -> "SaleStatus":
        return cls(
            version=found.version,
            unchanged=found.version == known,
            state=found.state,
            remaining=found.remaining,
            units=found.units,
            poll_after=found.poll_after(interval),
        )
