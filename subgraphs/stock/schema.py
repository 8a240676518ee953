"""The stock subgraph's queries and mutations."""

from datetime import datetime

import strawberry
from strawberry import ID

from subgraphs.contracts.stock import CLAIM_OFFERS, HOLD_UNITS, RELEASE_UNITS
from subgraphs.kit.graphql.commands import applied_events_field, command_field
from subgraphs.kit.graphql.paging import Connection, PageRequest
from subgraphs.kit.graphql.schema import build_schema
from subgraphs.kit.web.auth import Role
from subgraphs.stock.domain import FlashSaleState
from subgraphs.stock.results import ClaimResult, shown
from subgraphs.stock.sales.service import Plan
from subgraphs.stock.types import Claim, FlashSale, FlashSaleConnection, Info, Product, User


@strawberry.input(description="A new flash sale.")
class FlashSaleInput:
    product_id: ID = strawberry.field(description="What is sold; sales of one product must not overlap.")
    points: int = strawberry.field(description="The price of a unit; 0 or more.")
    units: int = strawberry.field(description="1 to 1,000,000.")
    starts_at: datetime = strawberry.field(description="Units can be claimed from this instant on.")
    ends_at: datetime = strawberry.field(description="Until before this instant; it lies in the future.")


@strawberry.type
class Query:
    @strawberry.federation.field(shareable=True, description="The signed-in user.")
    def me(self, info: Info) -> User:
        return User(id=ID(info.context.viewer.id))

    @strawberry.field(description="A flash sale; null where there is none of this id.")
    async def flash_sale(self, info: Info, id: ID) -> FlashSale | None:
        return await FlashSale.resolve_reference(info, id)

    @strawberry.field(
        graphql_type=FlashSaleConnection,
        description="All flash sales, or those in a state, the newest first.",
    )
    async def flash_sales(
        self, info: Info, state: FlashSaleState | None = None, first: int | None = 20, after: str | None = None
    ) -> Connection[FlashSale]:
        sales = info.context.service.sales
        page = await sales.page(state, PageRequest(first, after))
        return FlashSaleConnection.of(page, FlashSale.of, lambda: sales.count(state))

    claim_offers = command_field(CLAIM_OFFERS, lambda service: service.claims.offers)
    applied_events = applied_events_field("stock")


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description="Turns a product into one of limited quantity, or sets how many units there are in all "
        "(0 to 1,000,000; held and sold ones count). Developers for their own products, admins for any."
    )
    async def limit_stock(self, info: Info, product_id: ID, units: int) -> Product:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        await info.context.service.limits.limit(viewer, product_id, units)
        return Product(id=product_id)

    @strawberry.mutation(
        description="A limited number of units at a price of their own, between two instants. "
        "Developers for their own products, admins for any."
    )
    async def create_flash_sale(self, info: Info, input: FlashSaleInput) -> FlashSale:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        return FlashSale.of(await info.context.service.sales.create(viewer, Plan(**vars(input))))

    @strawberry.mutation(
        description="Ends a flash sale for good before its time. Claims that users have stay good until they "
        "expire. Developers for their own products, admins for any."
    )
    async def cancel_flash_sale(self, info: Info, id: ID) -> FlashSale:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        return FlashSale.of(await info.context.service.sales.cancel(viewer, id))

    @strawberry.mutation(
        description="Holds one unit for the signed-in user until the claim expires; "
        "a second claim by the same user returns the first."
    )
    async def claim(self, info: Info, sale_id: ID) -> ClaimResult:
        return shown(await info.context.service.claims.claim(info.context.viewer, sale_id))

    @strawberry.mutation(description="Gives a claim up: its unit can be claimed by others.")
    async def release_claim(self, info: Info, id: ID) -> Claim:
        return Claim.of(await info.context.service.claims.release(info.context.viewer, id))

    hold_units = command_field(HOLD_UNITS, lambda service: service.holds.hold)
    release_units = command_field(RELEASE_UNITS, lambda service: service.holds.release)


schema = build_schema(Query, Mutation, types=(Product,))
