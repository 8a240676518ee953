"""The stock subgraph's queries and mutations."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID

from subgraphs.contracts.stock import CLAIM_OFFERS, CLOSE_SALES, HOLD_UNITS, RELEASE_UNITS, SALE_NUMBERS
from subgraphs.kit.graphql.commands import applied_events_field, command_field
from subgraphs.kit.graphql.paging import After, Connection, First, PageRequest
from subgraphs.kit.graphql.schema import MUTATION, QUERY, build_schema
from subgraphs.kit.graphql.sizes import PAGE_SIZE
from subgraphs.kit.web.auth import Role
from subgraphs.stock.enums import FlashSaleState
from subgraphs.stock.results import ClaimResult, claim_to_graphql
from subgraphs.stock.sales.domain import SalePlan
from subgraphs.stock.status_types import SaleStatus
from subgraphs.stock.types import Claim, FlashSale, FlashSaleConnection, Info, Product, User

SaleId = Annotated[ID, strawberry.argument(description="The flash sale's id.")]


@strawberry.input(description="A new flash sale.")
class FlashSaleInput:
    product_id: ID = strawberry.field(description="The product on sale. Its sales must not overlap.")
    points: int = strawberry.field(description="The price of a unit, in points; 0 or more.")
    units: int = strawberry.field(description="How many units there are: 1 to 1,000,000.")
    starts_at: datetime = strawberry.field(description="Units can be claimed from this instant on.")
    ends_at: datetime = strawberry.field(
        description="Units can be claimed until just before this instant. It must lie in the future."
    )


@strawberry.type(description=QUERY)
class Query:
    @strawberry.federation.field(shareable=True, description="The signed-in user.")
    def me(self, info: Info) -> User:
        return User(id=ID(info.context.viewer.id))

    @strawberry.field(
        description="The time by the clock that opens and ends flash sales. A client's own clock may be wrong."
    )
    async def server_time(self, info: Info) -> datetime:
        return await info.context.service.sales.now()

    @strawberry.field(description="A flash sale. Null if there is none with this id.")
    async def flash_sale(self, info: Info, id: SaleId) -> FlashSale | None:
        return await FlashSale.resolve_reference(info, id)

    @strawberry.field(
        description="How a flash sale stands now, for pages that ask every few seconds. Null if there is no such sale."
    )
    async def sale_status(
        self,
        info: Info,
        id: SaleId,
        version: Annotated[
            str | None,
            strawberry.argument(description="The `version` of the last answer, to learn whether it still holds."),
        ] = None,
    ) -> SaleStatus | None:
        service = info.context.service
        found = await service.statuses.recent(id)
        return SaleStatus.of(found, version, service.settings.sale_poll) if found else None

    @strawberry.field(
        graphql_type=FlashSaleConnection,
        description="All flash sales, or those in one state, newest first.",
        directives=[PAGE_SIZE],
    )
    async def flash_sales(
        self,
        info: Info,
        state: Annotated[
            FlashSaleState | None, strawberry.argument(description="Only sales in this state. Null means all.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[FlashSale]:
        sales = info.context.service.sales
        page = await sales.page(state, PageRequest(first, after))
        return FlashSaleConnection.of(page, FlashSale.of, lambda: sales.count(state))

    claim_offers = command_field(CLAIM_OFFERS, lambda service: service.claims.offers)
    sale_numbers = command_field(SALE_NUMBERS, lambda service: service.statuses.numbers)
    applied_events = applied_events_field("stock")


@strawberry.type(description=MUTATION)
class Mutation:
    @strawberry.mutation(
        description="Limits a product's quantity, or changes the limit. "
        "For developers on their own products, and for admins on any."
    )
    async def limit_stock(
        self,
        info: Info,
        product_id: Annotated[ID, strawberry.argument(description="The product's id.")],
        units: Annotated[
            int,
            strawberry.argument(
                description="How many units there are in all, held and sold ones included: 0 to 1,000,000."
            ),
        ],
    ) -> Product:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        await info.context.service.limited.limit(viewer, product_id, units)
        return Product(id=product_id)

    @strawberry.mutation(
        description="Puts a limited number of units of a product on sale, at a price of their own, for a limited "
        "time. For developers on their own products, and for admins on any."
    )
    async def create_flash_sale(
        self, info: Info, input: Annotated[FlashSaleInput, strawberry.argument(description="The new sale.")]
    ) -> FlashSale:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        return FlashSale.of(await info.context.service.sales.create(viewer, SalePlan(**vars(input))))

    @strawberry.mutation(
        description="Ends a flash sale before its time, for good. Claims that users have stay valid until they "
        "expire. For developers on their own products, and for admins on any."
    )
    async def cancel_flash_sale(self, info: Info, id: SaleId) -> FlashSale:
        viewer = info.context.require_role(Role.DEVELOPER, Role.ADMIN)
        return FlashSale.of(await info.context.service.sales.cancel(viewer, id))

    @strawberry.mutation(
        description="Claims one unit for the signed-in user and holds it until the claim expires. "
        "Idempotent: a user who has a claim on the sale gets it again."
    )
    async def claim(self, info: Info, sale_id: SaleId) -> ClaimResult:
        return claim_to_graphql(await info.context.service.claims.claim(info.context.viewer, sale_id))

    @strawberry.mutation(description="Gives up a claim of the signed-in user. Its unit can be claimed by others.")
    async def release_claim(
        self, info: Info, id: Annotated[ID, strawberry.argument(description="The claim's id.")]
    ) -> Claim:
        return Claim.of(await info.context.service.claims.release(info.context.viewer, id))

    close_sales = command_field(CLOSE_SALES, lambda service: service.sales.close)
    hold_units = command_field(HOLD_UNITS, lambda service: service.holds.hold)
    release_units = command_field(RELEASE_UNITS, lambda service: service.holds.release)


schema = build_schema(Query, Mutation, types=(Product,))
