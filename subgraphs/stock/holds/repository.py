"""The stock subgraph's SQL on limited stocks and on what payments hold.

Lock order, in every transaction of this subgraph: sale products, holds (their lines follow them), flash
sales, limited stocks, claims; rows of one table by ascending id. A new hold's row is inserted last: should it
meet a tombstone that was written meanwhile, the step starts anew.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, tuple_, update

from subgraphs.contracts.stock import HoldRequest, ReleaseRequest
from subgraphs.kit.database.database import insert_missing
from subgraphs.kit.database.repository import Repository
from subgraphs.stock.domain import StockMovements, Units
from subgraphs.stock.limited.movements import shifted
from subgraphs.stock.models import Claim, Hold, HoldLine, LimitedStock


@dataclass(frozen=True)
class Line:
    """One unit in a payment; the last four where it is there by a claim."""

    payment_id: str
    product_id: str
    state: str
    claim_id: str | None
    sale_id: str | None = None
    user_id: str | None = None
    expires_at: datetime | None = None


class StockRepository(Repository):
    """Limited stocks and holds."""

    # ---- limited stocks

    async def limited(self, product_ids: Collection[str]) -> dict[str, Units]:
        rows = await self._session.scalars(select(LimitedStock).where(LimitedStock.product_id.in_(product_ids)))
        return {row.product_id: Units(row.total, row.remaining, row.held, row.sold) for row in rows}

    async def lock_limited(self, product_ids: Collection[str]) -> dict[str, LimitedStock]:
        rows = await self._session.scalars(
            select(LimitedStock)
            .where(LimitedStock.product_id.in_(product_ids))
            .order_by(LimitedStock.product_id)
            .with_for_update()
        )
        return {row.product_id: row for row in rows}

    async def begin_limit(self, product_id: str) -> None:
        """Makes the product one of limited quantity, with no units yet; nothing where it is one already."""
        await insert_missing(self._session, LimitedStock, [{"product_id": product_id}])

    async def shift_limited(self, shifts: StockMovements) -> None:
        if shifts:
            await self._session.execute(shifted(LimitedStock, LimitedStock.product_id, shifts))

    # ---- holds

    async def lock_holds(self, payment_ids: Collection[str]) -> dict[str, str]:
        """The states of holds by payment."""
        rows = await self._session.execute(
            select(Hold.payment_id, Hold.state)
            .where(Hold.payment_id.in_(payment_ids))
            .order_by(Hold.payment_id)
            .with_for_update()
        )
        return {row.payment_id: row.state for row in rows}

    async def add_holds(self, requests: Sequence[HoldRequest], lines: Sequence[Line], moment: datetime) -> None:
        """Raises IntegrityError where a payment has a hold, or a tombstone, already."""
        if not requests:
            return
        holds = [_hold_row(request, "HELD", moment) for request in requests]
        await self._session.execute(insert(Hold), holds)
        columns = ("payment_id", "product_id", "claim_id", "state")
        rows = [{name: getattr(line, name) for name in columns} for line in lines]
        await self._session.execute(insert(HoldLine), rows)

    async def add_tombstones(self, requests: Sequence[ReleaseRequest], moment: datetime) -> None:
        """RELEASED holds for payments that have none."""
        rows = {request.payment_id: _hold_row(request, "RELEASED", moment) for request in requests}
        await insert_missing(self._session, Hold, list(rows.values()))

    async def lines(self, payment_ids: Collection[str]) -> list[Line]:
        """What payments have not returned, with what never changes of its claims. Their holds are locked."""
        rows = await self._session.execute(
            select(
                HoldLine.payment_id,
                HoldLine.product_id,
                HoldLine.state,
                HoldLine.claim_id,
                Claim.sale_id,
                Claim.user_id,
                Claim.expires_at,
            )
            .outerjoin(Claim, Claim.id == HoldLine.claim_id)
            .where(HoldLine.payment_id.in_(payment_ids), HoldLine.state != "RETURNED")
        )
        return [Line(*row) for row in rows]

    async def set_lines(self, lines: Sequence[Line], state: str) -> None:
        if lines:
            keys = [(line.payment_id, line.product_id) for line in lines]
            await self._session.execute(
                update(HoldLine).where(tuple_(HoldLine.payment_id, HoldLine.product_id).in_(keys)).values(state=state)
            )

    async def set_holds(self, payment_ids: Collection[str], state: str) -> None:
        if payment_ids:
            await self._session.execute(update(Hold).where(Hold.payment_id.in_(payment_ids)).values(state=state))


def _hold_row(request: HoldRequest | ReleaseRequest, state: str, moment: datetime) -> dict[str, object]:
    return {
        "payment_id": request.payment_id,
        "user_id": request.user_id,
        "state": state,
        "created_at": moment,
    }
