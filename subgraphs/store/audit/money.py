"""Points: wallets and their ledger."""

from collections.abc import Iterator

from sqlalchemy import Select, func, literal, or_, select

from subgraphs.payment.models import LedgerEntry, Payment, Refund, TopUp, Wallet
from subgraphs.store.audit.invariant import Finding, Invariant, SqlInvariant
from subgraphs.store.audit.payments import PAID
from subgraphs.store.audit.snapshots import AnyRow, Snapshots

Query = Select[*tuple[object, ...]]


class BalanceIsLedgerSum(SqlInvariant):
    """A wallet's balance is the sum of its ledger."""

    subgraph, table = "payment", Wallet

    def offenders(self) -> Iterator[Query]:
        summed = func.sum(LedgerEntry.amount).label("ledger_sum")
        sums = select(LedgerEntry.user_id, summed).group_by(LedgerEntry.user_id).subquery()
        yield (
            select(Wallet.user_id, Wallet.balance, sums.c.ledger_sum)
            .outerjoin(sums, sums.c.user_id == Wallet.user_id)
            .where(Wallet.balance != func.coalesce(sums.c.ledger_sum, 0))
        )
        yield (
            select(sums.c.user_id, sums.c.ledger_sum)
            .outerjoin(Wallet, Wallet.user_id == sums.c.user_id)
            .where(Wallet.user_id.is_(None))
        )


class NoBalanceIsNegative(SqlInvariant):
    """No wallet is overdrawn, and none ever was."""

    subgraph, table = "payment", Wallet

    def offenders(self) -> Iterator[Query]:
        yield select(Wallet.user_id, Wallet.balance).where(Wallet.balance < 0)
        yield select(LedgerEntry.id, LedgerEntry.user_id, LedgerEntry.balance_after).where(
            LedgerEntry.balance_after < 0
        )


class LedgerIsUnbroken(SqlInvariant):
    """Each ledger entry goes on from the balance after the one before it: none was changed or removed."""

    subgraph, table = "payment", LedgerEntry

    def offenders(self) -> Iterator[Query]:
        before = func.lag(LedgerEntry.balance_after, 1, 0).over(
            partition_by=LedgerEntry.user_id, order_by=LedgerEntry.id
        )
        columns = (LedgerEntry.id, LedgerEntry.user_id, LedgerEntry.amount, LedgerEntry.balance_after)
        chain = select(*columns, before.label("balance_before")).subquery()
        yield select(chain).where(chain.c.balance_after != chain.c.balance_before + chain.c.amount)


class ChargedOnce(SqlInvariant):
    """A payment is charged once at most."""

    subgraph, table = "payment", LedgerEntry

    def offenders(self) -> Iterator[Query]:
        yield (
            select(LedgerEntry.payment_id, func.count().label("charges"))
            .where(LedgerEntry.kind == "PURCHASE")
            .group_by(LedgerEntry.payment_id)
            .having(func.count() > 1)
        )


class EveryMovementHasACause(SqlInvariant):
    """Points come by a top-up or a completed refund, and go by a payment, each of just that amount."""

    subgraph, table = "payment", LedgerEntry

    def offenders(self) -> Iterator[Query]:
        entry = (LedgerEntry.id, LedgerEntry.kind, LedgerEntry.reference, LedgerEntry.amount)
        yield (
            select(*entry)
            .outerjoin(TopUp, LedgerEntry.reference == literal("top-up:") + TopUp.id)
            .where(LedgerEntry.kind == "TOP_UP")
            .where(_differs(TopUp, TopUp.amount))
        )
        yield (
            select(*entry, Refund.state, Refund.amount.label("refund_amount"))
            .outerjoin(Refund, LedgerEntry.reference == literal("refund:") + Refund.id)
            .where(LedgerEntry.kind == "REFUND")
            .where(or_(_differs(Refund, Refund.amount), Refund.state != "COMPLETED"))
        )
        yield (
            select(*entry, Payment.state, Payment.amount.label("payment_amount"))
            .outerjoin(Payment, LedgerEntry.reference == literal("purchase:") + Payment.id)
            .where(LedgerEntry.kind == "PURCHASE")
            .where(_differs(Payment, -Payment.amount))
        )
        yield select(*entry).where(LedgerEntry.kind.not_in(("TOP_UP", "PURCHASE", "REFUND")))
