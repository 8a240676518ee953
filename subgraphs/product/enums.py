"""The GraphQL enums of the catalogue."""

from subgraphs.kit.graphql.enums import graphql_enum
from subgraphs.product.domain import Platform
from subgraphs.product.lists.domain import ProductSort

__all__ = ["Platform", "ProductSort"]

graphql_enum(
    Platform,
    description="An operating system.",
    values={Platform.WINDOWS: "Microsoft Windows.", Platform.MAC: "Apple macOS.", Platform.LINUX: "Linux."},
)
graphql_enum(
    ProductSort,
    description="The order of a list of products.",
    values={
        ProductSort.RELEVANCE: "The best match of the search text first: a title that is the text, then titles with "
        "all its words, with some, with none; among these the most reviewed. Without a search text the same as "
        "MOST_REVIEWED.",
        ProductSort.TITLE: "By title, from A to Z.",
        ProductSort.NEWEST: "The last released first; products without a release date come last.",
        ProductSort.PRICE_LOW: "The cheapest first, at today's prices.",
        ProductSort.PRICE_HIGH: "The most expensive first, at today's prices.",
        ProductSort.MOST_REVIEWED: "The product with the most reviews first.",
        ProductSort.BEST_REVIEWED: "The best reviewed first: by the lower bound of the positive share (95 % Wilson "
        "score), so that few reviews count less than many.",
    },
)
