"""The GraphQL types of what sellers sold."""

from collections.abc import Sequence
from datetime import date

import strawberry

from subgraphs.kit.graphql.paging import After, Connection, First, PageRequest
from subgraphs.kit.graphql.sizes import PAGE_SIZE
from subgraphs.payment.sold import domain as sold
from subgraphs.payment.sold.service import page_of_days


@strawberry.interface(description="What was sold at some time. Whatever was refunded since counts as sold, too.")
class Sold:
    units: int = strawberry.field(description="How many were sold.")
    points: float = strawberry.field(
        description="The points that were paid for them: a whole number, which may be more than an Int holds."
    )
    refunded_units: int = strawberry.field(description="How many of these were refunded, whenever that was.")
    refunded_points: float = strawberry.field(description="The points that went back, or will on settlement.")


@strawberry.type(description="What was sold of a product on one day.")
class SoldOnDay(Sold):
    day: date = strawberry.field(description="The day, in UTC.")

    @classmethod
    def of(cls, one: sold.SoldOnDay) -> "SoldOnDay":
        return cls(day=one.day, **vars(one.sold))


@strawberry.type(description="One page of the days on which a product was sold.")
class SoldOnDayConnection(Connection[SoldOnDay]):
    pass


@strawberry.type(description="What was sold of a product in a period.")
class SoldInPeriod(Sold):
    sold_on: strawberry.Private[Sequence[sold.SoldOnDay]]
    first_day: date = strawberry.field(name="from", description="The first day, in UTC.")
    last_day: date = strawberry.field(name="to", description="The last day, in UTC.")

    @strawberry.field(description="The days on which anything was sold, the first one first.", directives=[PAGE_SIZE])
    def days(self, first: First = 20, after: After = None) -> SoldOnDayConnection:
        page = page_of_days(self.sold_on, PageRequest(first, after))
        return SoldOnDayConnection.of(page, SoldOnDay.of, self._count)

    async def _count(self) -> int:
        return len(self.sold_on)

    @classmethod
    def of(cls, found: sold.SoldInPeriod) -> "SoldInPeriod":
        period = found.period
        return cls(sold_on=found.days, first_day=period.first, last_day=period.last, **vars(found.total))
