"""Invariants within payment's database: lines, entitlements, refunds and checkouts."""

from collections.abc import Iterator

from sqlalchemy import and_, case, func, or_, select

from subgraphs.payment.checkouts.domain import UNFINISHED, CheckoutStep
from subgraphs.payment.models import Checkout, Entitlement, LedgerEntry, Payment, PaymentLine, Refund
from subgraphs.store.audit.invariant import SqlInvariant
from subgraphs.store.audit.payment_lines import PAID_STATES, REVOKED_STATES
from subgraphs.store.audit.snapshots import Query


class AmountIsSumOfLines(SqlInvariant):
    """A payment has at least one line, and its amount is the sum of its lines."""

    subgraph, table = "payment", Payment

    def offenders(self) -> Iterator[Query]:
        total = func.sum(PaymentLine.points).label("lines_sum")
        sums = select(PaymentLine.payment_id, total).group_by(PaymentLine.payment_id).subquery()
        payments = select(Payment.id, Payment.amount, sums.c.lines_sum)
        payments = payments.outerjoin(sums, sums.c.payment_id == Payment.id)
        yield payments.where(func.coalesce(sums.c.lines_sum, -1) != Payment.amount)
        lines = select(PaymentLine.payment_id, PaymentLine.product_id)
        lines = lines.outerjoin(Payment, Payment.id == PaymentLine.payment_id)
        yield lines.where(Payment.id.is_(None))


class BoughtOnce(SqlInvariant):
    """A user has one entitlement for each product that is paid and not refunded, and no other."""

    subgraph, table = "payment", Entitlement

    def offenders(self) -> Iterator[Query]:
        of_line = and_(
            Entitlement.user_id == Payment.user_id,
            Entitlement.product_id == PaymentLine.product_id,
            Entitlement.payment_id == Payment.id,
        )
        line = (Payment.user_id, PaymentLine.payment_id, PaymentLine.product_id, Payment.state, Refund.state)
        entitled = (
            select(*line[:4])
            .join(Payment, Payment.id == PaymentLine.payment_id)
            .outerjoin(Refund, Refund.id == PaymentLine.refund_id)
            .outerjoin(Entitlement, of_line)
            .where(Payment.state.in_(PAID_STATES), func.coalesce(Refund.state, "").not_in(REVOKED_STATES))
        )
        yield entitled.where(Entitlement.payment_id.is_(None))
        entitlements = (
            select(Entitlement.user_id, Entitlement.payment_id, Entitlement.product_id)
            .outerjoin(Payment, Payment.id == Entitlement.payment_id)
            .outerjoin(PaymentLine, and_(PaymentLine.payment_id == Payment.id, of_line))
            .outerjoin(Refund, Refund.id == PaymentLine.refund_id)
        )
        not_paid = or_(PaymentLine.payment_id.is_(None), Payment.state.not_in(PAID_STATES))
        yield entitlements.where(or_(not_paid, Refund.state.in_(REVOKED_STATES)))


class RefundIsSumOfLines(SqlInvariant):
    """A refund's amount is what was paid for its lines."""

    subgraph, table = "payment", Refund

    def offenders(self) -> Iterator[Query]:
        total = func.sum(PaymentLine.points).label("lines_sum")
        sums = select(PaymentLine.refund_id, total).group_by(PaymentLine.refund_id).subquery()
        refunds = select(Refund.id, Refund.state, Refund.amount, sums.c.lines_sum)
        refunds = refunds.outerjoin(sums, sums.c.refund_id == Refund.id)
        yield refunds.where(Refund.state.in_(REVOKED_STATES), func.coalesce(sums.c.lines_sum, -1) != Refund.amount)


class CompletedRefundIsCredited(SqlInvariant):
    """A completed refund was credited once, and no other refund was credited."""

    subgraph, table = "payment", Refund

    def offenders(self) -> Iterator[Query]:
        credit = and_(
            LedgerEntry.payment_id == Refund.payment_id,
            LedgerEntry.kind == "REFUND",
            func.substr(LedgerEntry.reference, len("refund:") + 1) == Refund.id,
        )
        refunds = select(Refund.id, Refund.state, Refund.amount, func.count(LedgerEntry.id).label("credits"))
        refunds = refunds.outerjoin(LedgerEntry, credit).group_by(Refund.id, Refund.state, Refund.amount)
        yield refunds.having(func.count(LedgerEntry.id) != case((Refund.state == "COMPLETED", 1), else_=0))


class RefundsAreWithinTheCharge(SqlInvariant):
    """Only a paid payment has refunds, and they do not exceed its amount."""

    subgraph, table = "payment", Payment

    def offenders(self) -> Iterator[Query]:
        total = func.sum(Refund.amount).label("refunded")
        revoked = select(Refund.payment_id, total).where(Refund.state.in_(REVOKED_STATES))
        sums = revoked.group_by(Refund.payment_id).subquery()
        payments = select(sums, Payment.state, Payment.amount)
        payments = payments.outerjoin(Payment, Payment.id == sums.c.payment_id)
        too_much = sums.c.refunded > func.coalesce(Payment.amount, -1)
        yield payments.where(or_(too_much, Payment.state.not_in(PAID_STATES)))


class StateMatchesRefunds(SqlInvariant):
    """A charged payment is PAID, PARTIALLY_REFUNDED or REFUNDED: none, some or all of its lines were refunded."""

    subgraph, table = "payment", Payment

    def offenders(self) -> Iterator[Query]:
        revoked = func.count(case((Refund.state.in_(REVOKED_STATES), 1)))
        expected = case((revoked == 0, "PAID"), (revoked == func.count(), "REFUNDED"), else_="PARTIALLY_REFUNDED")
        payments = (
            select(Payment.id, Payment.state, expected.label("expected"))
            .join(PaymentLine, PaymentLine.payment_id == Payment.id)
            .outerjoin(Refund, Refund.id == PaymentLine.refund_id)
            .where(Payment.state.in_(PAID_STATES))
            .group_by(Payment.id, Payment.state)
        )
        yield payments.having(Payment.state != expected)


class CheckoutsMatchPayments(SqlInvariant):
    """A checkout has a payment if and only if it is DONE, and an outcome if and only if it is decided."""

    subgraph, table = "payment", Checkout

    def offenders(self) -> Iterator[Query]:
        saga = (Checkout.id, Checkout.kind, Checkout.step, Checkout.outcome)
        same = and_(
            Payment.id == Checkout.id,
            Payment.order_id == Checkout.order_id,
            Payment.user_id == Checkout.user_id,
        )
        done = Checkout.step == "DONE"
        sagas = select(*saga).outerjoin(Payment, same)
        yield sagas.where(or_(and_(done, Payment.id.is_(None)), and_(~done, Payment.id.is_not(None))))
        payments = select(Payment.id, Payment.state).outerjoin(Checkout, Checkout.id == Payment.id)
        yield payments.where(Checkout.id.is_(None))
        told = Checkout.outcome.is_not(None)
        undecided = Checkout.step.in_([step.value for step in UNFINISHED - {CheckoutStep.UNDOING}])
        yield select(*saga).where(or_(and_(undecided, told), and_(~undecided, ~told)))
