"""The stock subgraph's GraphQL types."""

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from strawberry import ID

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.graphql.paging import Connection, PageRequest
from subgraphs.kit.web.context import Context
from subgraphs.stock import domain
from subgraphs.stock.domain import ClaimState, FlashSaleState
from subgraphs.stock.service import StockService

Info = strawberry.Info[Context[StockService], None]
strawberry.enum(ClaimState, description="What became of a claim.")
strawberry.enum(FlashSaleState, description="Where a flash sale stands.")


@strawberry.enum(description="A price cut and a limited quantity are independent of each other.")
class ProductState(Enum):
    REGULAR = "REGULAR"
    ON_SALE = "ON_SALE"
    LIMITED_STOCK = "LIMITED_STOCK"
    ON_SALE_LIMITED_STOCK = "ON_SALE_LIMITED_STOCK"

    @classmethod
    def of(cls, discounted: bool, limited: bool) -> "ProductState":
        if discounted:
            return cls.ON_SALE_LIMITED_STOCK if limited else cls.ON_SALE
        return cls.LIMITED_STOCK if limited else cls.REGULAR


@strawberry.type(description="How many units there are: total = remaining + held + sold, always.")
class Stock:
    total: int = strawberry.field(description="All units there ever were.")
    remaining: int = strawberry.field(description="Units that can be bought.")
    held: int = strawberry.field(description="Units in payments that are under way.")
    sold: int = strawberry.field(description="Units sold and not refunded.")


@strawberry.federation.type(description="What a product costs; the product subgraph tells it.")
class Price:
    discount_percent: int = strawberry.federation.field(external=True)


@strawberry.federation.type(keys=["id"], description="A game of the catalogue.")
class Product:
    id: ID = strawberry.field(description="The Steam app id for a game of the data set.")
    price: Price = strawberry.federation.field(external=True, default=None)
    """There only where the router was told to bring it for `state`."""

    @strawberry.field(description="Null where the quantity is not limited.")
    async def stock(self, info: Info) -> Stock | None:
        units = await info.context.load(info.context.service.limits.by_products, self.id)
        return Stock(**vars(units)) if units else None

    @strawberry.federation.field(
        requires=["price { discountPercent }"],
        description="Whether the price is cut, and whether the quantity is limited.",
    )
    async def state(self, info: Info) -> ProductState:
        if not isinstance(self.price, Price):
            raise BadUserInput("price", "The state needs price { discountPercent }.")
        units = await info.context.load(info.context.service.limits.by_products, self.id)
        return ProductState.of(self.price.discount_percent > 0, units is not None)

    @strawberry.field(description="The flash sale that runs, else the one that comes next.")
    async def flash_sale(self, info: Info) -> "FlashSale | None":
        sale = await info.context.load(info.context.service.sales.of_products, self.id)
        return FlashSale.of(sale) if sale else None

    @classmethod
    def resolve_reference(cls, id: ID, price: Any = None, **others: Any) -> "Product":
        percent = price.get("discountPercent") if isinstance(price, dict) else None
        if not isinstance(percent, int):
            return cls(id=id)
        return cls(id=id, price=Price(discount_percent=percent))


@strawberry.federation.type(
    keys=["id"], description="A limited number of units at a price of their own, between two instants."
)
class FlashSale:
    id: ID = strawberry.field(description="The sale's own id.")
    product: Product = strawberry.field(description="What is sold.")
    points: int = strawberry.field(description="The price of a unit.")
    units: int = strawberry.field(description="How many units there are in all.")
    remaining: int = strawberry.field(description="How many units can be claimed.")
    state: FlashSaleState = strawberry.field(description="Where it stands now.")
    starts_at: datetime = strawberry.field(description="Units can be claimed from this instant on.")
    ends_at: datetime = strawberry.field(description="Units can be claimed until before this instant.")

    @classmethod
    async def resolve_reference(cls, info: Info, id: ID, **others: Any) -> "FlashSale | None":
        sale = await info.context.load(info.context.service.sales.by_ids, id)
        return cls.of(sale) if sale else None

    @classmethod
    def of(cls, sale: domain.Sale) -> "FlashSale":
        return cls(
            id=ID(sale.id),
            product=Product(id=ID(sale.product_id)),
            points=sale.points,
            units=sale.units,
            remaining=sale.remaining,
            state=sale.state,
            starts_at=sale.starts_at,
            ends_at=sale.ends_at,
        )


@strawberry.federation.type(keys=["id"], description="One unit of a flash sale, held for a user.")
class Claim:
    id: ID = strawberry.field(description="Pass it to checkout to buy the unit at the sale's price.")
    sale: FlashSale = strawberry.field(description="What it is a unit of.")
    state: ClaimState = strawberry.field(description="What became of it.")
    expires_at: datetime = strawberry.field(description="When it ends unless it is in a payment by then.")
    created_at: datetime = strawberry.field(description="When it was claimed.")

    @classmethod
    async def resolve_reference(cls, info: Info, id: ID, **others: Any) -> "Claim | None":
        """Its owner and admins only."""
        viewer = info.context.viewer_or_none
        claim = await info.context.load(info.context.service.claims.by_ids, id)
        if claim is None or viewer is None or not viewer.may_see(claim.user_id):
            return None
        return cls.of(claim)

    @classmethod
    def of(cls, claim: domain.ClaimView) -> "Claim":
        return cls(
            id=ID(claim.id),
            sale=FlashSale.of(claim.sale),
            state=claim.state,
            expires_at=claim.expires_at,
            created_at=claim.created_at,
        )


@strawberry.type(description="One page of claims.")
class ClaimConnection(Connection[Claim]):
    pass


@strawberry.type(description="One page of flash sales.")
class FlashSaleConnection(Connection[FlashSale]):
    pass


@strawberry.federation.type(keys=["id"], description="An account.")
class User:
    id: ID = strawberry.field(description="The account's id.")

    @strawberry.field(
        graphql_type=ClaimConnection,
        description="What the user claimed in flash sales, the newest first. Its owner and admins only.",
    )
    async def claims(self, info: Info, first: int | None = 20, after: str | None = None) -> Connection[Claim]:
        user_id, claims = info.context.owner(self.id), info.context.service.claims
        page = await claims.page(user_id, PageRequest(first, after))
        return ClaimConnection.of(page, Claim.of, lambda: claims.count(user_id))

    @classmethod
    def resolve_reference(cls, id: ID, **others: Any) -> "User":
        return cls(id=id)
