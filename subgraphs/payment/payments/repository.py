"""The SQL of payments, their lines, and entitlements."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, func, insert, select, update

from subgraphs.contracts.payment import PaidLine
from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.payment import models
from subgraphs.payment.payments.domain import Bill, Payment, PaymentState

# Statements of the hot path are built once.
PAYMENT = table_of(models.Payment)
LINE = table_of(models.PaymentLine)
ENTITLEMENT = table_of(models.Entitlement)

PAYMENTS = select(PAYMENT)
EXPIRED = and_(PAYMENT.c.state == PaymentState.READY.value, PAYMENT.c.expires_at <= utc_now())
SOME_ARE_EXPIRED = exists().where(EXPIRED)
LOCK_BILLS = (
    select(PAYMENT, LINE.c.product_id, LINE.c.points, LINE.c.claim_id, utc_now().label("now"))
    .join(LINE, LINE.c.payment_id == PAYMENT.c.id)
    .where(PAYMENT.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(PAYMENT.c.id, LINE.c.product_id)
    .with_for_update()
)
LOCK_ENTITLEMENTS = (
    select(ENTITLEMENT.c.user_id, ENTITLEMENT.c.product_id)
    .where(
        ENTITLEMENT.c.user_id.in_(bindparam("users", expanding=True)),
        ENTITLEMENT.c.product_id.in_(bindparam("products", expanding=True)),
    )
    .order_by(ENTITLEMENT.c.user_id, ENTITLEMENT.c.product_id)
    .with_for_update()
)
SET_STATE = update(PAYMENT).where(PAYMENT.c.id.in_(bindparam("ids", expanding=True)))
SET_STATE = SET_STATE.values(state=bindparam("new_state"))
SET_PAID = SET_STATE.values(paid_at=bindparam("now"))

NEWEST_FIRST = (SortKey(models.Payment.id.expression, lambda payment: payment.id, descending=True),)


class PaymentRepository(Repository):
    """Payments, their lines, and entitlements. For the lock order see models.py."""

    # ---- payments

    async def by_ids(self, ids: Collection[str]) -> dict[str, Payment]:
        rows = await self._session.execute(PAYMENTS.where(models.Payment.id.in_(ids)))
        return {row.id: _payment(row) for row in rows}

    async def lock(self, ids: Iterable[str]) -> dict[str, Payment]:
        query = PAYMENTS.where(models.Payment.id.in_(sorted(set(ids)))).order_by(models.Payment.id)
        return {row.id: _payment(row) for row in await self._session.execute(query.with_for_update())}

    async def lock_bills(self, ids: Iterable[str]) -> tuple[dict[str, Bill], datetime]:
        """Locked payments with their lines, by payment id; and the time by the database's clock."""
        rows = (await self._session.execute(LOCK_BILLS, {"ids": sorted(set(ids))})).all()
        bills = {id: _bill(list(group)) for id, group in groupby(rows, key=lambda row: row.id)}
        return bills, rows[0].now if rows else await self.now()

    async def lock_expired(self, limit: int) -> list[Payment]:
        """READY payments that cannot be paid any more."""
        query = PAYMENTS.where(EXPIRED)
        query = query.order_by(models.Payment.id).limit(limit).with_for_update(skip_locked=True)
        return [_payment(row) for row in await self._session.execute(query)]

    async def latest_by_orders(self, order_ids: Collection[str]) -> dict[str, Payment]:
        """The latest payment of each order."""
        query = PAYMENTS.where(models.Payment.order_id.in_(order_ids)).order_by(models.Payment.id)
        return {row.order_id: _payment(row) for row in await self._session.execute(query)}

    async def page(self, user_id: str, page_request: PageRequest) -> Page[Payment]:
        """A user's payments, newest first."""
        query = paginate(PAYMENTS.where(models.Payment.user_id == user_id), NEWEST_FIRST, page_request)
        payments = [_payment(row) for row in await self._session.execute(query)]
        return page_of(payments, NEWEST_FIRST, page_request)

    async def count(self, user_id: str) -> int:
        query = select(func.count()).select_from(models.Payment).where(models.Payment.user_id == user_id)
        return await self._session.scalar(query) or 0

    async def add(self, bills: Sequence[Bill]) -> None:
        """Inserts payments with their lines."""
        if not bills:
            return
        await self._session.execute(insert(PAYMENT), [_payment_row(bill.payment) for bill in bills])
        lines = [_line_row(bill.payment.id, line) for bill in bills for line in bill.lines]
        await self._session.execute(insert(LINE), lines)

    async def set_paid(self, ids: Sequence[str], now: datetime) -> None:
        if ids:
            await self._session.execute(SET_PAID, {"ids": ids, "new_state": PaymentState.PAID.value, "now": now})

    async def set_state(self, ids: Sequence[str], state: PaymentState) -> None:
        await self._session.execute(SET_STATE, {"ids": ids, "new_state": state.value})

    # ---- entitlements

    async def lock_entitlements(self, pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Locks what users are entitled to, as (user id, product id); may hold more than was asked for."""
        users, products = zip(*pairs, strict=True)
        wanted = {"users": sorted(set(users)), "products": sorted(set(products))}
        rows = await self._session.execute(LOCK_ENTITLEMENTS, wanted)
        return {(row.user_id, row.product_id) for row in rows}

    async def add_entitlements(self, bills: Sequence[Bill]) -> None:
        rows = [
            {"user_id": user_id, "product_id": product_id, "payment_id": bill.payment.id}
            for bill in bills
            for user_id, product_id in bill.entitlements
        ]
        await self._session.execute(insert(ENTITLEMENT), rows)

    async def remove_entitlements(self, payment: Payment, product_ids: Collection[str]) -> None:
        query = delete(models.Entitlement).where(
            models.Entitlement.user_id == payment.user_id,
            models.Entitlement.product_id.in_(product_ids),
            models.Entitlement.payment_id == payment.id,
        )
        await self._session.execute(query.execution_options(synchronize_session=False))


def _bill(rows: Sequence[Any]) -> Bill:
    """The bill of a payment, of one row for each of its lines."""
    lines = [PaidLine(product_id=row.product_id, points=row.points, claim_id=row.claim_id) for row in rows]
    return Bill(_payment(rows[0]), lines)


def _payment(row: Any) -> Payment:
    return Payment(
        id=row.id,
        order_id=row.order_id,
        user_id=row.user_id,
        state=PaymentState(row.state),
        amount=row.amount,
        created_at=row.created_at,
        expires_at=row.expires_at,
        paid_at=row.paid_at,
        holds_units=row.holds_units,
    )


def _payment_row(payment: Payment) -> dict[str, Any]:
    return {**vars(payment), "state": payment.state.value}


def _line_row(payment_id: str, line: PaidLine) -> dict[str, Any]:
    return {
        "payment_id": payment_id,
        "product_id": line.product_id,
        "points": line.points,
        "claim_id": line.claim_id,
    }
