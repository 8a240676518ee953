"""The SQL of what was sold."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any

from sqlalchemy import bindparam, case, func, select

from subgraphs.kit.database.columns import first_id_at
from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.payment import models
from subgraphs.payment.refunds.domain import TAKEN_BACK
from subgraphs.payment.sold.domain import Period, Sold, SoldOnDay

PAYMENT = table_of(models.Payment)
LINE = table_of(models.PaymentLine)
REFUND = table_of(models.Refund)
LONGEST_LIFETIME = timedelta(days=1)
"""A payment is charged sooner than this after it was made; see `payment_lifetime` in `settings.py`."""

_refunded = REFUND.c.state.in_([state.value for state in TAKEN_BACK])
_day = func.date(PAYMENT.c.paid_at).label("day")
BY_DAY = (
    select(
        LINE.c.product_id,
        _day,
        func.count().label("units"),
        func.sum(LINE.c.points).label("points"),
        func.sum(case((_refunded, 1), else_=0)).label("refunded_units"),
        func.sum(case((_refunded, LINE.c.points), else_=0)).label("refunded_points"),
    )
    .join_from(LINE, PAYMENT, PAYMENT.c.id == LINE.c.payment_id)
    .outerjoin(REFUND, REFUND.c.id == LINE.c.refund_id)
    .where(
        LINE.c.product_id.in_(bindparam("products", expanding=True)),
        LINE.c.payment_id.between(bindparam("first_id"), bindparam("last_id")),
        PAYMENT.c.paid_at >= bindparam("start"),
        PAYMENT.c.paid_at < bindparam("end"),
    )
    .group_by(LINE.c.product_id, _day)
    .order_by(LINE.c.product_id, _day)
)


class SoldRepository(Repository):
    """Sold lines of payments, along the index of products and payments, whose ids tell when they were made."""

    async def by_day(self, product_ids: Collection[str], period: Period) -> dict[str, Sequence[SoldOnDay]]:
        """By product the days of a period on which anything was sold, in order."""
        start = datetime.combine(period.first, time_of_day(), UTC)
        end = datetime.combine(period.last, time_of_day(), UTC) + timedelta(days=1)
        found: dict[str, list[SoldOnDay]] = defaultdict(list)
        ids = {"first_id": first_id_at(start - LONGEST_LIFETIME), "last_id": first_id_at(end + LONGEST_LIFETIME)}
        parameters = {"products": list(product_ids), "start": start, "end": end, **ids}
        for row in await self._session.execute(BY_DAY, parameters):
            found[row.product_id].append(_sold_on_day(row))
        return dict(found)


def _sold_on_day(row: Any) -> SoldOnDay:
    day = row.day if isinstance(row.day, date) else date.fromisoformat(row.day)  # SQLite has no dates
    figures = (row.units, row.points, row.refunded_units, row.refunded_points)
    return SoldOnDay(day, Sold(*map(int, figures)))  # MariaDB sums to decimals
