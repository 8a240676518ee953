"""Invariants of orders and of their payments."""

from collections.abc import AsyncIterator, Iterator

from sqlalchemy import func, select

from subgraphs.order.models import Order, OrderLine
from subgraphs.payment.models import Payment, PaymentLine
from subgraphs.store.audit.invariant import Finding, Invariant, SqlInvariant, When
from subgraphs.store.audit.payment_lines import PAID_STATES
from subgraphs.store.audit.snapshots import AnyRow, Query, Snapshots, paired

ORDER_STATES = {"READY": "ORDERED", **dict.fromkeys(PAID_STATES, "PAID")}
"""The state of an order by the state of the payment that it is in."""
DETACHED_STATES = ("READY", "CANCELLED")
"""States of an order that is in no payment."""


class OrderIsSumOfLines(SqlInvariant):
    """An order's total is the sum of its lines."""

    subgraph, table = "order", Order

    def offenders(self) -> Iterator[Query]:
        total = func.sum(OrderLine.points).label("lines_sum")
        sums = select(OrderLine.order_id, total).group_by(OrderLine.order_id).subquery()
        orders = select(Order.id, Order.total_points, sums.c.lines_sum)
        orders = orders.outerjoin(sums, sums.c.order_id == Order.id)
        yield orders.where(func.coalesce(sums.c.lines_sum, 0) != Order.total_points)


class PricesAreKept(Invariant):
    """A payment charges each line at the price that the order fixed."""

    cross_database = True

    async def check(self, store: Snapshots, finding: Finding) -> None:
        async for charged, fixed in paired(_charged_lines(store), _fixed_lines(store), 2):
            if charged is not None and fixed is not None:
                finding.checked += 1
                if (charged.points, charged.claim_id) != (fixed.fixed_points, fixed.fixed_claim_id):
                    finding.breach(charged, fixed)


class OrdersFollowPayments(Invariant):
    """An order is ORDERED while its payment is READY, PAID once it is paid, else READY or CANCELLED."""

    when, cross_database = When.ENDED, True

    async def check(self, store: Snapshots, finding: Finding) -> None:
        async for payment, order in paired(_payments(store), _orders(store), 1):
            finding.checked += 1
            if not _follows(payment, order):
                finding.breach(payment, order)


def _follows(payment: AnyRow | None, order: AnyRow | None) -> bool:
    state = ORDER_STATES.get(payment.state) if payment is not None else None
    if payment is None or state is None:  # no order, if it is in another payment by now
        return order is None or order.order_state in DETACHED_STATES
    expected = (payment.order_id, state, payment.amount)
    return order is not None and (order.id, order.order_state, order.total_points) == expected


def _payments(store: Snapshots) -> AsyncIterator[AnyRow]:
    query = select(Payment.id.label("payment_id"), Payment.state, Payment.amount, Payment.order_id)
    return store["payment"].sorted(query, Payment.id.expression)


def _orders(store: Snapshots) -> AsyncIterator[AnyRow]:
    query = select(Order.payment_id, Order.id, Order.state.label("order_state"), Order.total_points)
    return store["order"].sorted(query.where(Order.payment_id.is_not(None)), Order.payment_id.expression)


def _charged_lines(store: Snapshots) -> AsyncIterator[AnyRow]:
    query = select(PaymentLine.payment_id, PaymentLine.product_id, PaymentLine.points, PaymentLine.claim_id)
    return store["payment"].sorted(query, PaymentLine.payment_id.expression, PaymentLine.product_id.expression)


def _fixed_lines(store: Snapshots) -> AsyncIterator[AnyRow]:
    """The lines of orders that are in a payment, which cannot change."""
    query = (
        select(
            Order.payment_id,
            OrderLine.product_id,
            OrderLine.points.label("fixed_points"),
            OrderLine.claim_id.label("fixed_claim_id"),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.state.in_(ORDER_STATES.values()), Order.payment_id.is_not(None))
    )
    return store["order"].sorted(query, Order.payment_id.expression, OrderLine.product_id.expression)
