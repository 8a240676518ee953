"""The stock subgraph's GraphQL types."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry
from strawberry import ID

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.graphql.batch_fields import batch_field
from subgraphs.kit.graphql.paging import After, Connection, First, PageRequest
from subgraphs.kit.graphql.sizes import PAGE_SIZE
from subgraphs.kit.web.context import Context
from subgraphs.stock.claims.domain import ClaimWithSale
from subgraphs.stock.enums import ClaimState, FlashSaleState, ProductState
from subgraphs.stock.limited.domain import Units
from subgraphs.stock.sales.domain import Sale
from subgraphs.stock.service import StockService

Info = strawberry.Info[Context[StockService], None]


@strawberry.type(description="How many units a product has, and where: total = remaining + held + sold, always.")
class Stock:
    total: int = strawberry.field(description="All units there ever were.")
    remaining: int = strawberry.field(description="Units that can be bought.")
    held: int = strawberry.field(description="Units in payments that are under way.")
    sold: int = strawberry.field(description="Units sold and not refunded.")

    @classmethod
    def of(cls, units: Units) -> "Stock":
        return cls(total=units.total, remaining=units.remaining, held=units.held, sold=units.sold)


@strawberry.federation.type(description="What a product costs; the product subgraph knows it.")
class Price:
    discount_percent: int = strawberry.federation.field(external=True)


async def _units(products: "list[Product]", info: Info) -> Sequence[Units | None]:
    """One statement, whether the units are asked for, or the state, or both."""
    return await info.context.load_many(info.context.service.limited.by_products, [product.id for product in products])


async def _stocks(products: "list[Product]", info: Info) -> list[Stock | None]:
    return [Stock.of(units) if units else None for units in await _units(products, info)]


async def _states(products: "list[Product]", info: Info) -> list[ProductState | BadUserInput]:
    """A state needs the price, which is only there when the router sends it."""
    units = await _units(products, info)
    prices = [product.sent_price for product in products]
    return [
        ProductState.of(discounted=price.discount_percent > 0, limited=one is not None) if price else _no_price()
        for price, one in zip(prices, units, strict=True)
    ]


def _no_price() -> BadUserInput:
    return BadUserInput("price", "The state needs price { discountPercent }.")


async def _flash_sales(products: "list[Product]", info: Info) -> "list[FlashSale | None]":
    sales = await info.context.service.sales.by_products([product.id for product in products])
    return [FlashSale.of(sale) if sale else None for sale in sales]


@strawberry.federation.type(keys=["id"], description="A game of the catalogue.")
class Product:
    id: ID = strawberry.field(description="The Steam app id for a game of the data set.")
    sent_price: strawberry.Private[Price | None] = None

    @strawberry.federation.field(external=True)
    def price(self) -> Price:
        if self.sent_price is None:
            raise _no_price()
        return self.sent_price

    stock: Stock | None = batch_field(_stocks, description="The product's units. Null if its quantity is not limited.")
    state: ProductState = batch_field(
        _states,
        requires=["price { discountPercent }"],
        description="Whether the product is discounted, and whether its quantity is limited.",
    )
    flash_sale: "FlashSale | None" = batch_field(
        _flash_sales, description="The flash sale that runs now, or else the next one. Null if there is none."
    )

    @classmethod
    def resolve_reference(cls, id: ID, price: Any = None) -> "Product":
        percent = price.get("discountPercent") if isinstance(price, dict) else None
        if not isinstance(percent, int):
            return cls(id=id)
        return cls(id=id, sent_price=Price(discount_percent=percent))


@strawberry.federation.type(
    keys=["id"],
    description="A limited number of units of a product, at a price of their own, for a limited time.",
)
class FlashSale:
    id: ID = strawberry.field(description="The sale's id.")
    product: Product = strawberry.field(description="The product on sale.")
    points: int = strawberry.field(description="The price of a unit, in points.")
    units: int = strawberry.field(description="How many units there are in all.")
    remaining: int = strawberry.field(description="How many units can be claimed.")
    state: FlashSaleState = strawberry.field(description="Where the sale stands now.")
    starts_at: datetime = strawberry.field(description="Units can be claimed from this instant on.")
    ends_at: datetime = strawberry.field(description="Units can be claimed until just before this instant.")
    opens_in: int = strawberry.field(
        description="The seconds until `startsAt` by the server's clock, for a countdown; 0 from then on."
    )
    ends_in: int = strawberry.field(
        description="The seconds until `endsAt` by the server's clock, for a countdown; 0 from then on."
    )

    @strawberry.field(
        description="The claim that the signed-in user has on this sale: HELD or SOLD. Null without one, and when "
        "nobody is signed in."
    )
    async def my_claim(self, info: Info) -> "Claim | None":
        viewer = info.context.viewer_or_none
        if viewer is None:
            return None
        found = await info.context.load(info.context.service.claims.live_of, self.id, viewer)
        return Claim.of(found) if found else None

    @classmethod
    async def resolve_reference(cls, info: Info, id: ID) -> "FlashSale | None":
        sale = await info.context.load(info.context.service.sales.by_ids, id)
        return cls.of(sale) if sale else None

    @classmethod
    def of(cls, sale: Sale) -> "FlashSale":
        return cls(
            id=ID(sale.id),
            product=Product(id=ID(sale.product_id)),
            points=sale.points,
            units=sale.units,
            remaining=sale.remaining,
            state=sale.state,
            starts_at=sale.starts_at,
            ends_at=sale.ends_at,
            opens_in=sale.seconds_until(sale.starts_at),
            ends_in=sale.seconds_until(sale.ends_at),
        )


@strawberry.federation.type(keys=["id"], description="One unit of a flash sale, held for a user for a while.")
class Claim:
    id: ID = strawberry.field(description="Pass it to checkout to buy the unit at the sale's price.")
    sale: FlashSale = strawberry.field(description="The sale that the unit belongs to.")
    state: ClaimState = strawberry.field(description="What became of the claim.")
    expires_at: datetime = strawberry.field(
        description="The claim ends at this instant, unless its unit is in a payment by then or was bought."
    )
    created_at: datetime = strawberry.field(description="When the unit was claimed.")

    @classmethod
    async def resolve_reference(cls, info: Info, id: ID) -> "Claim | None":
        """For its owner and for admins. Raises Unauthenticated."""
        viewer = info.context.viewer
        found = await info.context.load(info.context.service.claims.by_ids, id)
        return cls.of(found) if found and viewer.may_see(found.claim.user_id) else None

    @classmethod
    def of(cls, found: ClaimWithSale) -> "Claim":
        return cls(
            id=ID(found.claim.id),
            sale=FlashSale.of(found.sale),
            state=found.claim.state,
            expires_at=found.claim.expires_at,
            created_at=found.claim.created_at,
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
        description="The user's claims in flash sales, newest first. For the user and for admins only.",
        directives=[PAGE_SIZE],
    )
    async def claims(self, info: Info, first: First = 20, after: After = None) -> Connection[Claim]:
        user_id, claims = info.context.owner(self.id), info.context.service.claims
        page = await claims.page(user_id, PageRequest(first, after))
        return ClaimConnection.of(page, Claim.of, lambda: claims.count(user_id))

    @classmethod
    def resolve_reference(cls, id: ID) -> "User":
        return cls(id=id)
