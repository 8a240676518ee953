"""The SQL of what was sold."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any

from sqlalchemy import bindparam, case, func, select

from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.payment import models
from subgraphs.payment.refunds.domain import TAKEN_BACK
from subgraphs.payment.sold.domain import Period, Sold, SoldOnDay

LINE = table_of(models.PaymentLine)
REFUND = table_of(models.Refund)

_refunded = REFUND.c.state.in_([state.value for state in TAKEN_BACK])
_day = func.date(LINE.c.paid_at).label("day")
BY_DAY = (
    select(
        LINE.c.product_id,
        _day,
        func.count().label("units"),
        func.sum(LINE.c.points).label("points"),
        func.sum(case((_refunded, 1), else_=0)).label("refunded_units"),
        func.sum(case((_refunded, LINE.c.points), else_=0)).label("refunded_points"),
    )
    .outerjoin_from(LINE, REFUND, REFUND.c.id == LINE.c.refund_id)
    .where(
        LINE.c.product_id.in_(bindparam("products", expanding=True)),
        LINE.c.paid_at >= bindparam("start"),
        LINE.c.paid_at < bindparam("end"),
    )
    .group_by(LINE.c.product_id, _day)
    .order_by(LINE.c.product_id, _day)
)


class SoldRepository(Repository):
    """Sold lines of payments, along the index of products and times."""

    async def by_day(self, product_ids: Collection[str], period: Period) -> dict[str, Sequence[SoldOnDay]]:
        """By product the days of a period on which anything was sold, in order."""
        start = datetime.combine(period.first, time_of_day(), UTC)
        end = datetime.combine(period.last, time_of_day(), UTC) + timedelta(days=1)
        found: dict[str, list[SoldOnDay]] = defaultdict(list)
        parameters = {"products": list(product_ids), "start": start, "end": end}
        for row in await self._session.execute(BY_DAY, parameters):
            found[row.product_id].append(_sold_on_day(row))
        return dict(found)


def _sold_on_day(row: Any) -> SoldOnDay:
    day = row.day if isinstance(row.day, date) else date.fromisoformat(row.day)  # SQLite has no dates
    figures = (row.units, row.points, row.refunded_units, row.refunded_points)
    return SoldOnDay(day, Sold(*map(int, figures)))  # MariaDB sums to decimals
