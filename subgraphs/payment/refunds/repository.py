"""The payment subgraph's SQL on refunds."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.repository import Repository
from subgraphs.payment.models import PaymentLine, Refund


class RefundRepository(Repository):
    """Refunds. Lock order: see repository.py."""

    def add(self, refund: Refund) -> None:
        self._session.add(refund)

    async def by_key(self, user_id: str, key: str) -> Refund | None:
        return await self._session.scalar(
            select(Refund).where(Refund.user_id == user_id, Refund.idempotency_key == key)
        )

    async def lock(self, refund_id: str) -> Refund | None:
        return await self._session.scalar(select(Refund).where(Refund.id == refund_id).with_for_update())

    async def of_payments(self, payment_ids: Sequence[str]) -> dict[str, list[Refund]]:
        """The refunds that took lines back, by payment, the oldest first."""
        query = (
            select(Refund)
            .where(Refund.payment_id.in_(payment_ids), Refund.state.in_(("IN_PROGRESS", "COMPLETED")))
            .order_by(Refund.id)
        )
        found: dict[str, list[Refund]] = defaultdict(list)
        for refund in await self._session.scalars(query):
            found[refund.payment_id].append(refund)
        return found

    async def products(self, refund_ids: Sequence[str]) -> dict[str, list[str]]:
        """The products of refunds."""
        query = select(PaymentLine.refund_id, PaymentLine.product_id).where(PaymentLine.refund_id.in_(refund_ids))
        found: dict[str, list[str]] = defaultdict(list)
        for refund_id, product_id in await self._session.execute(query.order_by(PaymentLine.product_id)):
            found[str(refund_id)].append(product_id)
        return found

    async def free_lines(self, refund_id: str, product_ids: Sequence[str]) -> None:
        """Takes products out of a refund that could not take them back."""
        await self._session.execute(
            update(PaymentLine)
            .where(PaymentLine.refund_id == refund_id, PaymentLine.product_id.in_(product_ids))
            .values(refund_id=None),
            execution_options={"synchronize_session": False},
        )

    async def unrevoked(self, age: timedelta, limit: int) -> Sequence[Refund]:
        """Refunds that have been REVOKING for longer than `age`."""
        now = await self.now()
        query = select(Refund).where(Refund.state == "REVOKING", Refund.requested_at < now - age)
        return (await self._session.scalars(query.order_by(Refund.id).limit(limit))).all()

    async def lock_due(self, limit: int) -> Sequence[Refund]:
        """Refunds whose settlement is due."""
        query = select(Refund).where(Refund.state == "IN_PROGRESS", Refund.settle_at <= utc_now())
        query = query.order_by(Refund.id).limit(limit).with_for_update(skip_locked=True)
        return (await self._session.scalars(query)).all()
