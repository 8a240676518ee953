"""The SQL of checkouts: the rows that the saga is driven from."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import exists, func, select, update

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import insert_missing
from subgraphs.kit.database.repository import Repository
from subgraphs.payment import models
from subgraphs.payment.checkouts.domain import UNFINISHED, Checkout, CheckoutOutcome, CheckoutRequest, CheckoutStep

CHECKOUTS = select(models.Checkout.__table__)
IS_UNFINISHED = models.Checkout.step.in_(sorted(step.value for step in UNFINISHED))
SOME_ARE_UNFINISHED = exists().where(IS_UNFINISHED)
OLDEST_UNFINISHED = select(func.min(models.Checkout.started_at)).where(IS_UNFINISHED)


class CheckoutRepository(Repository):
    """Checkouts. For the lock order see models.py."""

    async def add_missing(self, checkouts: Sequence[Checkout]) -> dict[tuple[str, str], Checkout]:
        """Adds checkouts whose user and key are new; returns the stored ones by (user id, key)."""
        await insert_missing(self._session, models.Checkout, [_row(checkout) for checkout in checkouts])
        query = CHECKOUTS.where(
            models.Checkout.user_id.in_({checkout.user_id for checkout in checkouts}),
            models.Checkout.idempotency_key.in_({checkout.key for checkout in checkouts}),
        )
        return {(row.user_id, row.idempotency_key): _checkout(row) for row in await self._session.execute(query)}

    async def lock(self, ids: Iterable[str]) -> dict[str, Checkout]:
        query = CHECKOUTS.where(models.Checkout.id.in_(sorted(ids))).order_by(models.Checkout.id)
        return {row.id: _checkout(row) for row in await self._session.execute(query.with_for_update())}

    async def resume(self, ids: Collection[str], now: datetime) -> dict[str, Checkout]:
        """Locks checkouts, and counts a new attempt for those without an outcome. The checkouts by id.

        A process that drives them already learns of it when it writes their outcome.
        """
        if not ids:
            return {}
        locked = await self.lock(ids)
        undecided = [one.id for one in locked.values() if one.outcome is None]
        await self._begin_again(undecided, now)
        return locked

    async def set_step(self, ids: Collection[str], step: CheckoutStep, *, after: CheckoutStep) -> None:
        """Moves checkouts from the step `after` to `step`; any other has been moved by another process."""
        query = update(models.Checkout).where(models.Checkout.id.in_(ids), models.Checkout.step == after.value)
        query = query.values(step=step.value, touched_at=utc_now())
        await self._session.execute(query.execution_options(synchronize_session=False))

    async def save_decided(self, checkouts: Iterable[Checkout]) -> None:
        """Writes the outcome and the step of locked checkouts, in one statement for each different outcome."""
        ids: dict[tuple[str, str], list[str]] = defaultdict(list)
        for checkout in checkouts:
            assert checkout.outcome is not None
            ids[checkout.step.value, encode(checkout.outcome)].append(checkout.id)
        for (step, outcome), same in ids.items():
            await self._update(same, step=step, outcome=outcome)

    async def take_overdue(self, age: timedelta, limit: int) -> list[Checkout]:
        """Unfinished checkouts that nobody has touched for `age`; they count as touched now."""
        now = await self.now()
        query = CHECKOUTS.where(IS_UNFINISHED, models.Checkout.touched_at < now - age)
        query = query.order_by(models.Checkout.id).limit(limit).with_for_update(skip_locked=True)
        overdue = [_checkout(row) for row in await self._session.execute(query)]
        await self._begin_again([checkout.id for checkout in overdue], now)
        return overdue

    async def _begin_again(self, ids: Collection[str], now: datetime) -> None:
        if ids:
            await self._update(ids, touched_at=now, attempts=models.Checkout.attempts + 1)

    async def _update(self, ids: Collection[str], **values: Any) -> None:
        query = update(models.Checkout).where(models.Checkout.id.in_(ids)).values(**values)
        await self._session.execute(query.execution_options(synchronize_session=False))


def encode(value: CheckoutRequest | CheckoutOutcome) -> str:
    """A request or an outcome as its column keeps it."""
    return msgspec.json.encode(value).decode()


def _checkout(row: Any) -> Checkout:
    return Checkout(
        id=row.id,
        user_id=row.user_id,
        key=row.idempotency_key,
        request_hash=row.request_hash,
        order_id=row.order_id,
        request=msgspec.json.decode(row.request, type=CheckoutRequest),
        step=CheckoutStep(row.step),
        outcome=msgspec.json.decode(row.outcome, type=CheckoutOutcome) if row.outcome else None,
        started_at=row.started_at,
        touched_at=row.touched_at,
        attempts=row.attempts,
    )


def _row(checkout: Checkout) -> dict[str, Any]:
    return {
        "id": checkout.id,
        "user_id": checkout.user_id,
        "idempotency_key": checkout.key,
        "request_hash": checkout.request_hash,
        "kind": checkout.kind.value,
        "order_id": checkout.order_id,
        "request": encode(checkout.request),
        "step": checkout.step.value,
        "started_at": checkout.started_at,
        "touched_at": checkout.touched_at,
    }
