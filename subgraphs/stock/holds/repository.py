"""SQL on holds. models.py states the lock order."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert, select, tuple_, update

from subgraphs.contracts.stock import HoldRequest
from subgraphs.kit.database.database import insert_missing
from subgraphs.kit.database.repository import Repository
from subgraphs.stock.claims.columns import CLAIM
from subgraphs.stock.holds.domain import HeldUnit, HoldState, UnitState
from subgraphs.stock.models import Claim, Hold, HoldLine


class HoldRepository(Repository):
    """Holds and their units, by payment."""

    async def lock(self, payment_ids: Collection[str]) -> dict[str, HoldState]:
        """Locks holds. Payments without one are left out."""
        rows = await self._session.execute(
            select(Hold.payment_id, Hold.state)
            .where(Hold.payment_id.in_(payment_ids))
            .order_by(Hold.payment_id)
            .with_for_update()
        )
        return {row.payment_id: HoldState(row.state) for row in rows}

    async def add(self, requests: Sequence[HoldRequest], units: Sequence[HeldUnit], now: datetime) -> None:
        """Raises IntegrityError if a payment already has a hold or a tombstone."""
        if not requests:
            return
        rows = [_row(request.payment_id, request.user_id, HoldState.HELD, now) for request in requests]
        await self._session.execute(insert(Hold), rows)
        lines = [
            {
                "payment_id": unit.payment_id,
                "product_id": unit.product_id,
                "claim_id": unit.claim.id if unit.claim else None,
                "state": unit.state.value,
            }
            for unit in units
        ]
        await self._session.execute(insert(HoldLine), lines)

    async def add_missing(self, users: Mapping[str, str], state: HoldState, now: datetime) -> None:
        """Ended holds for payments that have none: payment id -> user id. They hold nothing, and never will."""
        rows = [_row(payment_id, user_id, state, now) for payment_id, user_id in users.items()]
        await insert_missing(self._session, Hold, rows)

    async def units(self, payment_ids: Collection[str]) -> list[HeldUnit]:
        """What locked holds have not returned. Of their claims, only these holds may change the state."""
        rows = await self._session.execute(
            select(HoldLine.payment_id, HoldLine.product_id, HoldLine.state, CLAIM)
            .outerjoin(Claim, Claim.id == HoldLine.claim_id)
            .where(HoldLine.payment_id.in_(payment_ids), HoldLine.state != UnitState.RETURNED.value)
        )
        return [
            HeldUnit(payment_id=row.payment_id, product_id=row.product_id, state=UnitState(row.state), claim=row.Claim)
            for row in rows
        ]

    async def set_units(self, units: Sequence[HeldUnit], state: UnitState) -> None:
        if units:
            keys = [(unit.payment_id, unit.product_id) for unit in units]
            await self._session.execute(
                update(HoldLine)
                .where(tuple_(HoldLine.payment_id, HoldLine.product_id).in_(keys))
                .values(state=state.value)
            )

    async def set_state(self, payment_ids: Collection[str], state: HoldState) -> None:
        if payment_ids:
            await self._session.execute(update(Hold).where(Hold.payment_id.in_(payment_ids)).values(state=state.value))


def _row(payment_id: str, user_id: str, state: HoldState, now: datetime) -> dict[str, object]:
    return {
        "payment_id": payment_id,
        "user_id": user_id,
        "state": state.value,
        "created_at": now,
    }
