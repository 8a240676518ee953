"""Invariants of orders and of their payments."""

from collections.abc import AsyncIterator, Collection, Iterator, Sequence

from sqlalchemy import func, select

from subgraphs.order.models import Order, OrderLine
from subgraphs.payment.models import Payment, PaymentLine
from subgraphs.store.audit.invariant import Comparison, Finding, Invariant, Pair, SqlInvariant, When
from subgraphs.store.audit.payment_lines import PAID_STATES
from subgraphs.store.audit.snapshots import AnyRow, Query, Snapshots, paired

ORDER_STATES = {"READY": "ORDERED", **dict.fromkeys(PAID_STATES, "PAID")}
"""The state of an order by the state of the payment that it is in."""
FIXED_STATES = frozenset(ORDER_STATES.values())
"""States of an order that is in a payment: its lines cannot change."""
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
        async for chunk in _order_lines(store):
            lines = [line for line in chunk if line.payment_id and line.state in FIXED_STATES]
            charged_lines = await _charged_lines(store, {line.payment_id for line in lines})
            for fixed in lines:
                charged = charged_lines.get((fixed.payment_id, fixed.product_id))
                if charged is not None:
                    finding.checked += 1
                    if (charged.points, charged.claim_id) != (fixed.fixed_points, fixed.fixed_claim_id):
                        finding.breach(charged, fixed)


def _payments_and_orders(store: Snapshots) -> AsyncIterator[Pair]:
    """By order and payment ("" for none): no index has orders by payment."""
    payments = select(Payment.order_id, Payment.id.label("payment_id"), Payment.state, Payment.amount)
    in_payment = func.coalesce(Order.payment_id, "").label("payment_id")
    orders = select(Order.id, in_payment, Order.state.label("order_state"), Order.total_points)
    return paired(
        store["payment"].sorted(payments, Payment.order_id.expression, Payment.id.expression),
        store["order"].sorted(orders, Order.id.expression),
        2,
    )


class OrdersFollowPayments(Comparison):
    """An order is ORDERED while its payment is READY, PAID once it is paid, else READY or CANCELLED."""

    when, pairs = When.ENDED, _payments_and_orders

    def compare(self, payment: AnyRow | None, order: AnyRow | None, finding: Finding) -> None:
        finding.checked += 1
        if not _follows(payment, order):
            finding.breach(payment, order)


def _follows(payment: AnyRow | None, order: AnyRow | None) -> bool:
    state = ORDER_STATES.get(payment.state) if payment is not None else None
    if payment is None or state is None:  # no order, if it is in another payment by now
        return order is None or order.order_state in DETACHED_STATES
    return order is not None and (order.order_state, order.total_points) == (state, payment.amount)


async def _charged_lines(store: Snapshots, payment_ids: Collection[str]) -> dict[tuple[str, str], AnyRow]:
    """The lines of payments, by payment and product."""
    query = select(PaymentLine.payment_id, PaymentLine.product_id, PaymentLine.points, PaymentLine.claim_id)
    rows = await store["payment"].rows(query.where(PaymentLine.payment_id.in_(payment_ids)))
    return {(row.payment_id, row.product_id): row for row in rows}


def _order_lines(store: Snapshots) -> AsyncIterator[Sequence[AnyRow]]:
    line = (OrderLine.order_id, OrderLine.product_id, OrderLine.points.label("fixed_points"))
    query = select(*line, OrderLine.claim_id.label("fixed_claim_id"), Order.payment_id, Order.state)
    query = query.outerjoin(Order, Order.id == OrderLine.order_id)
    return store["order"].chunks(query, OrderLine.order_id.expression, OrderLine.product_id.expression)
