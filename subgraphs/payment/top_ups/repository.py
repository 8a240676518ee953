"""The SQL of top-ups."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, select, update

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import insert_missing
from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.payment import models
from subgraphs.payment.top_ups.domain import UNFINISHED, TopUp, TopUpState, pause

TOP_UP = table_of(models.ProviderTopUp)
TOP_UPS = select(TOP_UP)
DUE = and_(TOP_UP.c.state.in_(sorted(state.value for state in UNFINISHED)), TOP_UP.c.ask_at <= utc_now())
SOME_ARE_DUE = exists().where(DUE)


class TopUpRepository(Repository):
    """Top-ups. For the lock order see models.py."""

    async def add_missing(self, top_up: TopUp, ask_at: datetime) -> TopUp:
        """The stored top-up of this user and key: the given one, unless there was one before."""
        await insert_missing(self._session, models.ProviderTopUp, [{**_row(top_up), "ask_at": ask_at}])
        query = TOP_UPS.where(TOP_UP.c.user_id == top_up.user_id, TOP_UP.c.idempotency_key == top_up.key)
        return _top_up((await self._session.execute(query)).one())

    async def by_ids(self, ids: Collection[str]) -> dict[str, TopUp]:
        rows = await self._session.execute(TOP_UPS.where(TOP_UP.c.id.in_(ids)))
        return {row.id: _top_up(row) for row in rows}

    async def lock(self, top_up_id: str) -> TopUp | None:
        row = (await self._session.execute(TOP_UPS.where(TOP_UP.c.id == top_up_id).with_for_update())).one_or_none()
        return None if row is None else _top_up(row)

    async def save(self, top_up: TopUp) -> None:
        """Writes what may change of a locked top-up."""
        await self._session.execute(update(TOP_UP).where(TOP_UP.c.id == top_up.id).values(**_row(top_up)))

    async def take_due(self, limit: int, first_pause: timedelta) -> list[TopUp]:
        """Top-ups about which the provider is to be asked now. Each waits longer before the next time."""
        query = select(TOP_UP, utc_now().label("now")).where(DUE).order_by(TOP_UP.c.id).limit(limit)
        rows = (await self._session.execute(query.with_for_update(skip_locked=True))).all()
        for row in rows:
            changes = {"ask_at": row.now + pause(row.asked, first_pause), "asked": row.asked + 1}
            await self._session.execute(update(TOP_UP).where(TOP_UP.c.id == row.id).values(**changes))
        return [_top_up(row) for row in rows]


def _top_up(row: Any) -> TopUp:
    return TopUp(
        id=row.id,
        user_id=row.user_id,
        key=row.idempotency_key,
        points=row.amount,
        price=row.price,
        currency=row.currency,
        state=TopUpState(row.state),
        session=row.session,
        page_url=row.page_url,
        payment=row.payment,
        created_at=row.created_at,
        credited_at=row.credited_at,
    )


def _row(top_up: TopUp) -> dict[str, Any]:
    return {
        "id": top_up.id,
        "user_id": top_up.user_id,
        "idempotency_key": top_up.key,
        "amount": top_up.points,
        "price": top_up.price,
        "currency": top_up.currency,
        "state": top_up.state.value,
        "session": top_up.session,
        "page_url": top_up.page_url,
        "payment": top_up.payment,
        "created_at": top_up.created_at,
        "credited_at": top_up.credited_at,
    }
