"""The GraphQL type of top-ups."""

from datetime import datetime

import strawberry
from strawberry import ID

from subgraphs.payment.enums import TopUpState
from subgraphs.payment.top_ups import domain as top_ups


@strawberry.type(description="Points that a user buys with money, from a provider.")
class TopUp:
    id: ID = strawberry.field(description="The id of the top-up.")
    state: TopUpState = strawberry.field(description="The top-up's state.")
    points: int = strawberry.field(description="How many points are bought.")
    price: int = strawberry.field(description="What they cost, in the currency's smallest unit, such as cents.")
    currency: str = strawberry.field(description="The currency, by its three letters (ISO 4217).")
    page_url: str | None = strawberry.field(description="The page to pay on, while the top-up is OPEN; else null.")
    created_at: datetime = strawberry.field(description="When the top-up was started.")
    credited_at: datetime | None = strawberry.field(description="When the points came into the wallet; null before.")

    @classmethod
    def of(cls, top_up: top_ups.TopUp) -> "TopUp":
        return cls(
            id=ID(top_up.id),
            state=top_up.state,
            points=top_up.points,
            price=top_up.price,
            currency=top_up.currency.upper(),
            page_url=top_up.page_url if top_up.state is TopUpState.OPEN else None,
            created_at=top_up.created_at,
            credited_at=top_up.credited_at,
        )
