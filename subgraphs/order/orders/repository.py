"""The SQL of orders."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, bindparam, case, delete, func, insert, select, update

from subgraphs.contracts.order import OrderLine
from subgraphs.kit.database.database import insert_missing
from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.order import models
from subgraphs.order.orders.domain import Order, OrderState, Request

ORDER = table_of(models.Order)
LINE = table_of(models.OrderLine)

ORDERS = select(ORDER)
BY_IDS = ORDERS.where(ORDER.c.id.in_(bindparam("ids", expanding=True)))
LOCK = BY_IDS.order_by(ORDER.c.id).with_for_update()
LINES = select(LINE).where(LINE.c.order_id.in_(bindparam("orders", expanding=True))).order_by(LINE.c.position)
SET_PAID = (
    update(ORDER)
    .where(
        ORDER.c.id.in_(bindparam("orders", expanding=True)),
        ORDER.c.payment_id.in_(bindparam("payments", expanding=True)),
    )
    .values(state=OrderState.PAID.value)
)

NEWEST = [SortKey(models.Order.id.expression, lambda order: order.id, descending=True)]


class OrderRepository(Repository):
    """Orders with their lines.

    Lock order: orders by ascending id, then detached payments, then wishes. An order's lines change only while
    the order is locked.
    """

    # ---- reading

    async def by_ids(self, ids: Collection[str]) -> dict[str, Order]:
        """The orders that exist, with their lines, by id."""
        return await self.with_lines(await self._read(BY_IDS, ids=list(ids)))

    async def by_key(self, user_id: str, key: str) -> Order | None:
        """The order that a user placed under an idempotency key, with its lines."""
        query = ORDERS.where(ORDER.c.user_id == user_id, ORDER.c.idempotency_key == key)
        found = await self.with_lines(await self._read(query))
        return next(iter(found.values()), None)

    async def lock(self, ids: Collection[str]) -> dict[str, Order]:
        """The orders that exist, locked, without their lines, by id."""
        return await self._read(LOCK, ids=list(ids))

    async def with_lines(self, orders: Mapping[str, Order]) -> dict[str, Order]:
        """The same orders with their lines."""
        if not orders:
            return {}
        lines: dict[str, list[OrderLine]] = defaultdict(list)
        for row in await self._session.execute(LINES, {"orders": list(orders)}):
            lines[row.order_id].append(_line(row))
        return {order_id: replace(order, lines=tuple(lines[order_id])) for order_id, order in orders.items()}

    async def page(self, user_id: str, page_request: PageRequest) -> Page[Order]:
        """A user's orders, newest first."""
        query = ORDERS.where(ORDER.c.user_id == user_id, ORDER.c.placed)
        found = await self.with_lines(await self._read(paginate(query, NEWEST, page_request)))
        return page_of(list(found.values()), NEWEST, page_request)

    async def count(self, user_id: str) -> int:
        """How many orders a user has."""
        query = select(func.count(models.Order.id)).where(models.Order.user_id == user_id, models.Order.placed)
        return await self._session.scalar(query) or 0

    async def detached(self, payment_ids: Collection[str]) -> set[str]:
        """Which of the payments have been detached."""
        query = select(models.DetachedPayment.payment_id)
        return set(await self._session.scalars(query.where(models.DetachedPayment.payment_id.in_(payment_ids))))

    # ---- writing

    async def add_missing(self, orders: Sequence[Order]) -> None:
        """Adds orders without their lines; skips those whose id or idempotency key exists."""
        rows = [_row(order) for order in sorted(orders, key=lambda order: order.id)]
        await insert_missing(self._session, models.Order, rows)

    async def add_lines(self, orders: Sequence[Order]) -> None:
        """Adds the lines of new orders."""
        rows = [
            {"order_id": order.id, "position": position, **msgspec.structs.asdict(line)}
            for order in orders
            for position, line in enumerate(order.lines)
        ]
        if rows:
            await self._session.execute(insert(LINE), rows)

    async def remove_line(self, order_id: str, product_id: str, total_points: int) -> None:
        """Removes a line from an order, whose total is `total_points` then."""
        line = (models.OrderLine.order_id == order_id, models.OrderLine.product_id == product_id)
        await self._session.execute(delete(models.OrderLine).where(*line))
        await self._update([order_id], total_points=total_points)

    async def save_states(self, orders: Collection[Order]) -> None:
        """Saves the states of orders, with one statement for each state that occurs."""
        for state in OrderState:
            order_ids = [order.id for order in orders if order.state is state]
            if order_ids:
                await self._update(order_ids, state=state.value)

    async def save_paid(self, payments: Mapping[str, str]) -> None:
        """Makes orders PAID, each by its payment: order id -> payment id. One that is in another payment stays."""
        # A payment is of one order, so the two lists need not be compared in pairs.
        await self._session.execute(SET_PAID, {"orders": sorted(payments), "payments": list(payments.values())})

    async def save_attached(self, orders: Collection[Order]) -> None:
        """Saves the states and payments of orders that have been attached to payments."""
        if orders:
            payment_id = case({order.id: order.payment_id for order in orders}, value=ORDER.c.id)
            await self._update([o.id for o in orders], state=OrderState.ORDERED.value, payment_id=payment_id)

    async def mark_detached(self, payment_ids: Collection[str], now: datetime) -> None:
        """Keeps payments from being attached again."""
        rows = [{"payment_id": payment_id, "left_at": now} for payment_id in sorted(set(payment_ids))]
        await insert_missing(self._session, models.DetachedPayment, rows)

    # ---- parts

    async def _read(self, query: Select[Any], **parameters: Any) -> dict[str, Order]:
        return {row.id: _order(row) for row in await self._session.execute(query, parameters)}

    async def _update(self, order_ids: Collection[str], **values: Any) -> None:
        await self._session.execute(update(ORDER).where(ORDER.c.id.in_(order_ids)).values(**values))


def _order(row: Any) -> Order:
    request = None
    if row.idempotency_key is not None:
        request = Request(user_id=row.user_id, key=row.idempotency_key, hash=row.request_hash or "")
    return Order(
        id=row.id,
        user_id=row.user_id,
        state=OrderState(row.state),
        total_points=row.total_points,
        placed_at=row.placed_at,
        payment_id=row.payment_id,
        placed=row.placed,
        request=request,
    )


def _line(row: Any) -> OrderLine:
    return OrderLine(
        product_id=row.product_id,
        points=row.points,
        discount_percent=row.discount_percent,
        claim_id=row.claim_id,
        title=row.title,
    )


def _row(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "user_id": order.user_id,
        "state": order.state.value,
        "total_points": order.total_points,
        "placed_at": order.placed_at,
        "payment_id": order.payment_id,
        "placed": order.placed,
        "idempotency_key": order.request.key if order.request else None,
        "request_hash": order.request.hash if order.request else None,
    }
