"""The product subgraph's result unions, made from the outcomes of its service."""

from typing import Annotated, assert_never

import strawberry
from strawberry import ID

from subgraphs.kit.graphql.problem import Problem
from subgraphs.kit.graphql.schema import REFERENCE
from subgraphs.kit.graphql.sizes import list_size
from subgraphs.product import domain
from subgraphs.product.editing import domain as editing
from subgraphs.product.types import Product
from subgraphs.product.withdrawing import domain as withdrawing


@strawberry.federation.type(keys=[REFERENCE], description="Units of a product at a price of their own.")
class FlashSale:
    id: ID = strawberry.field(description="The flash sale's id.")


@strawberry.type(description="The product is not as its editor has seen it. Nothing was changed.")
class ProductChanged(Problem):
    product: Product = strawberry.field(description="The product as it is now.")

    @classmethod
    def of(cls, outcome: editing.ProductChanged) -> "ProductChanged":
        message = "The product was changed meanwhile. Look at it again."
        return cls(message=message, product=Product.of(outcome.product))


@strawberry.type(description="The product is withdrawn. Nothing was changed.")
class ProductWithdrawn(Problem):
    product: Product = strawberry.field(description="The product.")

    @classmethod
    def of(cls, outcome: editing.ProductWithdrawn) -> "ProductWithdrawn":
        message = "The product is withdrawn. Offer it again first."
        return cls(message=message, product=Product.of(outcome.product))


@strawberry.type(description="The product has flash sales that are not over. It was not withdrawn.")
class OnFlashSale(Problem):
    sales: list[FlashSale] = strawberry.field(
        description="The flash sales that run or are planned. Cancel them first.", directives=[list_size(10)]
    )

    @classmethod
    def of(cls, outcome: withdrawing.OnFlashSale) -> "OnFlashSale":
        message = "The product has flash sales that are not over. Cancel them first."
        return cls(message=message, sales=[FlashSale(id=ID(sale_id)) for sale_id in outcome.sale_ids])


EditProductResult = Annotated[
    Product | ProductChanged | ProductWithdrawn,
    strawberry.union("EditProductResult", description="The edited product, or why it was not edited."),
]
WithdrawProductResult = Annotated[
    Product | OnFlashSale,
    strawberry.union("WithdrawProductResult", description="The withdrawn product, or why it was not withdrawn."),
]


def edit_to_graphql(
    outcome: domain.Product | editing.ProductChanged | editing.ProductWithdrawn,
) -> EditProductResult:
    match outcome:
        case domain.Product():
            return Product.of(outcome)
        case editing.ProductChanged():
            return ProductChanged.of(outcome)
        case editing.ProductWithdrawn():
            return ProductWithdrawn.of(outcome)
        case _:
            assert_never(outcome)


def withdrawal_to_graphql(outcome: domain.Product | withdrawing.OnFlashSale) -> WithdrawProductResult:
    match outcome:
        case domain.Product():
            return Product.of(outcome)
        case withdrawing.OnFlashSale():
            return OnFlashSale.of(outcome)
        case _:
            assert_never(outcome)
