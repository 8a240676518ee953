"""The SQL of orders."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, case, delete, func, insert, select, update

from subgraphs.contracts import order as contract
from subgraphs.kit.database.database import insert_missing
from subgraphs.kit.database.repository import Repository
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.order.models import LeftPayment, Order, OrderLine
from subgraphs.order.orders import domain
from subgraphs.order.orders.domain import OrderState

NEWEST = [SortKey(Order.id.expression, lambda order: order.id, descending=True)]


class OrderRepository(Repository):
    """Orders with their lines.

    Lock order: orders by id ascending; then left payments; then wishes. An order's lines change only under
    the order's lock. Orders are handed out as values: changing one is a statement of its own.
    """

    # ---- reading

    async def orders(self, ids: Collection[str]) -> dict[str, domain.Order]:
        """The orders of these ids, whole, by id."""
        return await self.whole(await self._found(select(Order).where(Order.id.in_(ids))))

    async def lock(self, ids: Collection[str]) -> dict[str, domain.Order]:
        """The orders of these ids, locked, without their lines."""
        query = select(Order).where(Order.id.in_(ids)).order_by(Order.id)
        return await self._found(query.with_for_update())

    async def whole(self, orders: Mapping[str, domain.Order]) -> dict[str, domain.Order]:
        """The same orders with their lines."""
        lines: dict[str, list[contract.OrderLine]] = defaultdict(list)
        query = select(OrderLine).where(OrderLine.order_id.in_(orders)).order_by(OrderLine.position)
        for row in await self._session.scalars(query):
            line = contract.OrderLine(row.product_id, row.points, row.discount_percent, row.claim_id)
            lines[row.order_id].append(line)
        return {order_id: replace(order, lines=tuple(lines[order_id])) for order_id, order in orders.items()}

    async def page(self, user_id: str, page_request: PageRequest) -> Page[domain.Order]:
        """A user's orders, the newest first."""
        query = select(Order).where(Order.user_id == user_id, Order.placed)
        found = await self.whole(await self._found(paginate(query, NEWEST, page_request)))
        return page_of(list(found.values()), NEWEST, page_request)

    async def count(self, user_id: str) -> int:
        query = select(func.count(Order.id)).where(Order.user_id == user_id, Order.placed)
        return await self._session.scalar(query) or 0

    async def requested(self, request: domain.Request) -> tuple[str, str] | None:
        """The id of the order placed under the request's key, and the hash of what was asked then."""
        query = select(Order.id, Order.request_hash).where(
            Order.user_id == request.user_id, Order.idempotency_key == request.key
        )
        row = (await self._session.execute(query)).one_or_none()
        return None if row is None else (row[0], row[1] or "")

    async def left(self, payment_ids: Collection[str]) -> set[str]:
        """Those of the payments that cannot enter (any more)."""
        query = select(LeftPayment.payment_id).where(LeftPayment.payment_id.in_(payment_ids))
        return set(await self._session.scalars(query))

    # ---- writing

    async def add_missing(self, orders: Sequence[domain.Order], request: domain.Request | None = None) -> None:
        """Adds orders without their lines, but none whose id or idempotency key is there already."""
        rows = [_row(order, request) for order in sorted(orders, key=lambda order: order.id)]
        await insert_missing(self._session, Order, rows)

    async def add_lines(self, orders: Sequence[domain.Order]) -> None:
        rows = [
            {"order_id": order.id, "position": position, **msgspec.structs.asdict(line)}
            for order in orders
            for position, line in enumerate(order.lines)
        ]
        if rows:
            await self._session.execute(insert(OrderLine), rows)

    async def remove_line(self, order_id: str, product_id: str, total_points: int) -> None:
        """Takes a line out; `total_points` is what remains."""
        await self._session.execute(
            delete(OrderLine).where(OrderLine.order_id == order_id, OrderLine.product_id == product_id)
        )
        await self._update([order_id], total_points=total_points)

    async def set_state(self, order_ids: Collection[str], state: OrderState) -> None:
        if order_ids:
            await self._update(order_ids, state=state.value)

    async def enter(self, payments: Mapping[str, str]) -> None:
        """Takes orders (by id), each into its payment."""
        if payments:
            payment_id = case(dict(payments), value=Order.id)
            await self._update(payments, state=OrderState.ORDERED.value, payment_id=payment_id)

    async def leave(self, payment_ids: Collection[str], now: datetime) -> None:
        """Keeps payments from entering (again)."""
        rows = [{"payment_id": payment_id, "left_at": now} for payment_id in sorted(set(payment_ids))]
        await insert_missing(self._session, LeftPayment, rows)

    # ---- parts

    async def _found(self, query: Select[Any]) -> dict[str, domain.Order]:
        # Read anew each time: an order may have been read before in this transaction, and changed since.
        fresh = query.execution_options(populate_existing=True)
        return {row.id: _order(row) for row in await self._session.scalars(fresh)}

    async def _update(self, order_ids: Collection[str], **values: Any) -> None:
        await self._session.execute(
            update(Order).where(Order.id.in_(order_ids)).values(**values).execution_options(synchronize_session=False)
        )


def _order(row: Order) -> domain.Order:
    return domain.Order(
        id=row.id,
        user_id=row.user_id,
        state=OrderState(row.state),
        total_points=row.total_points,
        placed_at=row.placed_at,
        payment_id=row.payment_id,
        placed=row.placed,
    )


def _row(order: domain.Order, request: domain.Request | None) -> dict[str, Any]:
    return {
        "id": order.id,
        "user_id": order.user_id,
        "state": order.state.value,
        "total_points": order.total_points,
        "placed_at": order.placed_at,
        "payment_id": order.payment_id,
        "placed": order.placed,
        "idempotency_key": request.key if request else None,
        "request_hash": request.hash if request else None,
    }
