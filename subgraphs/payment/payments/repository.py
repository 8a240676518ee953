"""The payment subgraph's SQL on payments, their lines and purchases.

Lock order, in every transaction of this subgraph: checkouts, payments, payment lines, refunds, wallets,
purchases; rows of one table by ascending id.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from subgraphs.contracts.payment import PaidLine
from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.repository import Repository
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.payment.models import Entitlement, Payment, PaymentLine


@dataclass(frozen=True)
class PaymentView:
    """A payment as read."""

    id: str
    order_id: str
    user_id: str
    state: str
    amount: int
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None

    def paid(self, now: datetime) -> "PaymentView":
        return replace(self, state="PAID", paid_at=now)


COLUMNS = (
    Payment.id,
    Payment.order_id,
    Payment.user_id,
    Payment.state,
    Payment.amount,
    Payment.created_at,
    Payment.expires_at,
    Payment.paid_at,
)
NEWEST_FIRST = (SortKey(Payment.id.expression, lambda payment: payment.id, descending=True),)


class PaymentRepository(Repository):
    """Payments, their lines, and purchases."""

    # ---- payments

    async def find(self, ids: Sequence[str]) -> dict[str, PaymentView]:
        rows = await self._session.execute(select(*COLUMNS).where(Payment.id.in_(ids)))
        return {row.id: PaymentView(*row) for row in rows}

    async def lock(self, ids: Iterable[str]) -> dict[str, PaymentView]:
        query = select(*COLUMNS).where(Payment.id.in_(sorted(set(ids)))).order_by(Payment.id)
        rows = await self._session.execute(query.with_for_update())
        return {row.id: PaymentView(*row) for row in rows}

    async def lock_expired(self, limit: int) -> list[PaymentView]:
        query = (
            select(*COLUMNS)
            .where(Payment.state == "READY", Payment.expires_at <= utc_now())
            .order_by(Payment.id)
            .limit(limit)
        )
        rows = await self._session.execute(query.with_for_update(skip_locked=True))
        return [PaymentView(*row) for row in rows]

    async def of_orders(self, order_ids: Sequence[str]) -> dict[str, PaymentView]:
        """The latest payment of each order."""
        query = select(*COLUMNS).where(Payment.order_id.in_(order_ids)).order_by(Payment.id)
        return {row.order_id: PaymentView(*row) for row in await self._session.execute(query)}

    async def page(self, user_id: str, page_request: PageRequest) -> Page[PaymentView]:
        query = paginate(select(*COLUMNS).where(Payment.user_id == user_id), NEWEST_FIRST, page_request)
        rows = [PaymentView(*row) for row in await self._session.execute(query)]
        return page_of(rows, NEWEST_FIRST, page_request)

    async def count(self, user_id: str) -> int:
        query = select(func.count()).select_from(Payment).where(Payment.user_id == user_id)
        return await self._session.scalar(query) or 0

    async def add(self, payments: Sequence[PaymentView], lines: Mapping[str, Sequence[PaidLine]]) -> None:
        """Inserts payments, each with its lines."""
        if not payments:
            return
        await self._session.execute(insert(Payment), [vars(payment) for payment in payments])
        rows = [
            {
                "payment_id": payment.id,
                "product_id": line.product_id,
                "points": line.points,
                "claim_id": line.claim_id,
            }
            for payment in payments
            for line in lines[payment.id]
        ]
        await self._session.execute(insert(PaymentLine), rows)

    async def set_state(self, ids: Sequence[str], state: str, paid_at: datetime | None = None) -> None:
        values = {"state": state} if paid_at is None else {"state": state, "paid_at": paid_at}
        query = update(Payment).where(Payment.id.in_(ids)).values(values)
        await self._session.execute(query, execution_options={"synchronize_session": False})

    # ---- lines

    async def lines(self, payment_ids: Sequence[str]) -> dict[str, list[PaidLine]]:
        query = (
            select(PaymentLine.payment_id, PaymentLine.product_id, PaymentLine.points, PaymentLine.claim_id)
            .where(PaymentLine.payment_id.in_(payment_ids))
            .order_by(PaymentLine.payment_id, PaymentLine.product_id)
        )
        lines: dict[str, list[PaidLine]] = defaultdict(list)
        for row in await self._session.execute(query):
            lines[row.payment_id].append(PaidLine(product_id=row.product_id, points=row.points, claim_id=row.claim_id))
        return lines

    async def lock_lines(self, payment_id: str) -> Sequence[PaymentLine]:
        query = select(PaymentLine).where(PaymentLine.payment_id == payment_id)
        query = query.order_by(PaymentLine.product_id).with_for_update()
        return (await self._session.scalars(query)).all()

    # ---- purchases

    async def lock_purchases(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Which (user, product) are bought already, and by which payment."""
        users, products = zip(*pairs, strict=True)
        query = select(Entitlement.user_id, Entitlement.product_id, Entitlement.payment_id).where(
            Entitlement.user_id.in_(sorted(set(users))), Entitlement.product_id.in_(sorted(set(products)))
        )
        query = query.order_by(Entitlement.user_id, Entitlement.product_id).with_for_update()
        return {(row[0], row[1]): row[2] for row in await self._session.execute(query)}

    async def add_purchases(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Rows of (user id, product id, payment id)."""
        values = [{"user_id": u, "product_id": product, "payment_id": payment} for u, product, payment in rows]
        await self._session.execute(insert(Entitlement), values)

    async def remove_purchases(self, payment_id: str, user_id: str, product_ids: Sequence[str]) -> None:
        await self._session.execute(
            delete(Entitlement).where(
                Entitlement.user_id == user_id,
                Entitlement.product_id.in_(product_ids),
                Entitlement.payment_id == payment_id,
            )
        )
