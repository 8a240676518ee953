"""The SQL of refunds, and of which refund a payment's line is in."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import and_, exists, func, insert, select, update

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.repository import Repository
from subgraphs.payment import models
from subgraphs.payment.refunds.domain import TAKEN_BACK, Line, NotRefundable, Refund, RefundState

REFUNDS = select(models.Refund.__table__)
REVOKING = models.Refund.state == RefundState.REVOKING.value
DUE = and_(models.Refund.state == RefundState.IN_PROGRESS.value, models.Refund.settle_at <= utc_now())
SOME_ARE_REVOKING = exists().where(REVOKING)
SOME_ARE_DUE = exists().where(DUE)
OLDEST_REVOKING = select(func.min(models.Refund.requested_at)).where(REVOKING)


class RefundRepository(Repository):
    """Refunds and their lines. For the lock order see models.py."""

    # ---- refunds

    async def add(self, refund: Refund) -> None:
        """Raises IntegrityError when its user has a refund with the same key."""
        await self._session.execute(insert(models.Refund), [_row(refund)])

    async def by_key(self, user_id: str, key: str) -> Refund | None:
        query = REFUNDS.where(models.Refund.user_id == user_id, models.Refund.idempotency_key == key)
        row = (await self._session.execute(query)).one_or_none()
        return None if row is None else _refund(row)

    async def lock(self, refund_id: str) -> Refund:
        query = REFUNDS.where(models.Refund.id == refund_id).with_for_update()
        return _refund((await self._session.execute(query)).one())

    async def save(self, refund: Refund) -> None:
        """Writes what may change of a locked refund."""
        query = update(models.Refund).where(models.Refund.id == refund.id)
        query = query.values(state=refund.state.value, amount=refund.amount, outcome=_encoded(refund.outcome))
        await self._session.execute(query.execution_options(synchronize_session=False))

    async def complete(self, ids: Collection[str], now: datetime) -> None:
        """Marks locked refunds as paid back."""
        query = update(models.Refund).where(models.Refund.id.in_(ids))
        query = query.values(state=RefundState.COMPLETED.value, completed_at=now)
        await self._session.execute(query.execution_options(synchronize_session=False))

    async def by_payments(self, payment_ids: Collection[str]) -> dict[str, list[Refund]]:
        """The refunds that took lines back, by payment, oldest first."""
        states = sorted(state.value for state in TAKEN_BACK)
        query = REFUNDS.where(models.Refund.payment_id.in_(payment_ids), models.Refund.state.in_(states))
        found: dict[str, list[Refund]] = defaultdict(list)
        for row in await self._session.execute(query.order_by(models.Refund.id)):
            found[row.payment_id].append(_refund(row))
        return found

    async def left_revoking(self, age: timedelta, limit: int) -> list[Refund]:
        """Refunds that have been REVOKING for longer than `age`."""
        now = await self.now()
        query = REFUNDS.where(REVOKING, models.Refund.requested_at < now - age)
        query = query.order_by(models.Refund.id).limit(limit)
        return [_refund(row) for row in await self._session.execute(query)]

    async def lock_due(self, limit: int) -> list[Refund]:
        """Refunds whose settlement is due."""
        query = REFUNDS.where(DUE)
        query = query.order_by(models.Refund.id).limit(limit).with_for_update(skip_locked=True)
        return [_refund(row) for row in await self._session.execute(query)]

    # ---- lines

    async def lock_lines(self, payment_id: str) -> list[Line]:
        """The lines of a payment."""
        query = select(models.PaymentLine.__table__).where(models.PaymentLine.payment_id == payment_id)
        query = query.order_by(models.PaymentLine.product_id).with_for_update()
        return [
            Line(product_id=row.product_id, points=row.points, claim_id=row.claim_id, refund_id=row.refund_id)
            for row in await self._session.execute(query)
        ]

    async def products(self, refund_ids: Collection[str]) -> dict[str, list[str]]:
        """The products of refunds, by refund."""
        query = select(models.PaymentLine.refund_id, models.PaymentLine.product_id)
        query = query.where(models.PaymentLine.refund_id.in_(refund_ids)).order_by(models.PaymentLine.product_id)
        found: dict[str, list[str]] = defaultdict(list)
        for row in await self._session.execute(query):
            found[str(row.refund_id)].append(row.product_id)
        return found

    async def reserve_lines(self, refund: Refund, lines: Sequence[Line]) -> None:
        """Puts locked lines into a refund."""
        await self._set_refund(refund, [line.product_id for line in lines], refund.id)

    async def free_lines(self, refund: Refund, product_ids: Collection[str]) -> None:
        """Takes products out of a refund that could not take them back."""
        await self._set_refund(refund, product_ids, None)

    async def _set_refund(self, refund: Refund, product_ids: Collection[str], refund_id: str | None) -> None:
        query = update(models.PaymentLine).where(
            models.PaymentLine.payment_id == refund.payment_id, models.PaymentLine.product_id.in_(product_ids)
        )
        await self._session.execute(query.values(refund_id=refund_id).execution_options(synchronize_session=False))


def _refund(row: Any) -> Refund:
    return Refund(
        id=row.id,
        payment_id=row.payment_id,
        user_id=row.user_id,
        key=row.idempotency_key,
        request_hash=row.request_hash,
        state=RefundState(row.state),
        amount=row.amount,
        outcome=msgspec.json.decode(row.outcome, type=NotRefundable) if row.outcome else None,
        requested_at=row.requested_at,
        settle_at=row.settle_at,
        completed_at=row.completed_at,
    )


def _row(refund: Refund) -> dict[str, Any]:
    row = {**vars(refund), "state": refund.state.value, "outcome": _encoded(refund.outcome)}
    row["idempotency_key"] = row.pop("key")
    return row


def _encoded(outcome: NotRefundable | None) -> str | None:
    return None if outcome is None else msgspec.json.encode(outcome).decode()
