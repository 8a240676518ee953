"""The GraphQL enums of stock."""

from subgraphs.kit.graphql.enums import graphql_enum
from subgraphs.stock.claims.domain import ClaimState
from subgraphs.stock.limited.domain import ProductState
from subgraphs.stock.sales.domain import FlashSaleState

__all__ = ["ClaimState", "FlashSaleState", "ProductState"]

graphql_enum(
    ClaimState,
    "What became of a claim.",
    {
        ClaimState.HELD: "Holds its unit: for the user to buy, or in a payment that is under way.",
        ClaimState.SOLD: "Its unit was bought.",
        ClaimState.RELEASED: "The user gave it up, or bought its unit and was refunded.",
        ClaimState.EXPIRED: "Its time was over before its unit was bought.",
    },
)
graphql_enum(
    FlashSaleState,
    "Where a flash sale stands. It follows from the time and from the units left.",
    {
        FlashSaleState.SCHEDULED: "It has not started yet.",
        FlashSaleState.OPEN: "It runs, and has units left.",
        FlashSaleState.SOLD_OUT: "It runs, but all units are claimed or sold. Returned units reopen it.",
        FlashSaleState.ENDED: "Its time is over.",
        FlashSaleState.CANCELLED: "It was cancelled.",
    },
)
graphql_enum(
    ProductState,
    "How a product is offered. A discount and a limited quantity are independent of each other.",
    {
        ProductState.REGULAR: "At its regular price, in any quantity.",
        ProductState.ON_SALE: "At a discount, in any quantity.",
        ProductState.LIMITED_STOCK: "At its regular price, in a limited quantity.",
        ProductState.ON_SALE_LIMITED_STOCK: "At a discount, in a limited quantity.",
    },
)
