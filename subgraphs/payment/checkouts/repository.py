"""The payment subgraph's SQL on checkouts: the rows that sagas are driven from."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import select, update

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import insert_missing
from subgraphs.kit.database.repository import Repository
from subgraphs.payment.models import Checkout

UNFINISHED = ("PLACING", "HOLDING", "UNDOING")
CLOCK_TICK = timedelta(milliseconds=1)


class CheckoutRepository(Repository):
    """Checkouts. Lock order: see repository.py."""

    async def begin(self, rows: Sequence[dict[str, object]]) -> dict[tuple[str, str], Checkout]:
        """Inserts the rows whose keys are new; answers the row of every key, new or not. Old ones are touched."""
        await insert_missing(self._session, Checkout, rows)
        query = select(Checkout).where(
            Checkout.user_id.in_({row["user_id"] for row in rows}),
            Checkout.idempotency_key.in_({row["idempotency_key"] for row in rows}),
        )
        found = {(row.user_id, row.idempotency_key): row for row in await self._session.scalars(query)}
        new = {row["id"] for row in rows}
        await self._touch([row.id for row in found.values() if row.id not in new and row.outcome is None])
        return found

    async def _touch(self, ids: Sequence[str]) -> None:
        """Tells whoever drives these rows already that somebody else does so, too."""
        if not ids:
            return
        now = await self.now()
        for row in (await self.lock(ids)).values():
            row.touched_at = max(now, row.started_at + CLOCK_TICK)

    async def lock(self, ids: Iterable[str]) -> dict[str, Checkout]:
        query = select(Checkout).where(Checkout.id.in_(sorted(ids))).order_by(Checkout.id)
        query = query.with_for_update().execution_options(populate_existing=True)
        return {row.id: row for row in await self._session.scalars(query)}

    async def set_step(self, ids: Sequence[str], step: str, *, after: str) -> None:
        """Moves the rows whose step is `after` on to `step`; the others had been moved by somebody else."""
        query = update(Checkout).where(Checkout.id.in_(ids), Checkout.step == after)
        await self._session.execute(
            query.values(step=step, touched_at=utc_now()), execution_options={"synchronize_session": False}
        )

    async def take_overdue(self, age: timedelta, limit: int) -> Sequence[Checkout]:
        """Unfinished rows that nobody has touched for `age`; they count as touched now."""
        now = await self.now()
        query = (
            select(Checkout)
            .where(Checkout.step.in_(UNFINISHED), Checkout.touched_at < now - age)
            .order_by(Checkout.id)
            .limit(limit)
        )
        rows = (await self._session.scalars(query.with_for_update(skip_locked=True))).all()
        for row in rows:
            row.touched_at = now
        return rows
