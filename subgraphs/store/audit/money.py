"""Invariants of wallets and their ledger."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import FromClause, and_, func, literal, or_, select, union_all

from subgraphs.payment.models import LedgerEntry, Payment, ProviderTopUp, Refund, TopUp, Wallet
from subgraphs.store.audit.invariant import Finding, Invariant, SqlInvariant
from subgraphs.store.audit.payment_lines import PAID_STATES
from subgraphs.store.audit.snapshots import Query, Snapshots

ENTRY = (
    LedgerEntry.id,
    LedgerEntry.user_id,
    LedgerEntry.kind,
    LedgerEntry.amount,
    LedgerEntry.balance_after,
    LedgerEntry.reference,
)


CREDITED = ProviderTopUp.credited_at.is_not(None)
TAKEN_BACK = and_(CREDITED, ProviderTopUp.state.in_(("REFUNDING", "REFUNDED")))
BOUGHT = union_all(
    select(TopUp.id, TopUp.user_id, TopUp.amount),
    select(ProviderTopUp.id, ProviderTopUp.user_id, ProviderTopUp.amount).where(CREDITED),
).subquery()
REVERSED = select(ProviderTopUp.id, ProviderTopUp.user_id, ProviderTopUp.amount).where(TAKEN_BACK).subquery()


class BalanceIsLedgerSum(SqlInvariant):
    """A wallet's balance is the sum of its ledger."""

    subgraph, table = "payment", Wallet

    def offenders(self) -> Iterator[Query]:
        total = func.sum(LedgerEntry.amount).label("ledger_sum")
        sums = select(LedgerEntry.user_id, total).group_by(LedgerEntry.user_id).subquery()
        wallets = select(Wallet.user_id, Wallet.balance, sums.c.ledger_sum)
        wallets = wallets.outerjoin(sums, sums.c.user_id == Wallet.user_id)
        yield wallets.where(Wallet.balance != func.coalesce(sums.c.ledger_sum, 0))
        ledgers = select(sums).outerjoin(Wallet, Wallet.user_id == sums.c.user_id)
        yield ledgers.where(Wallet.user_id.is_(None))


class NoBalanceIsNegative(SqlInvariant):
    """No wallet is, or ever was, overdrawn."""

    subgraph, table = "payment", Wallet

    def offenders(self) -> Iterator[Query]:
        yield select(Wallet.user_id, Wallet.balance).where(Wallet.balance < 0)
        yield select(*ENTRY).where(LedgerEntry.balance_after < 0)


class LedgerIsUnbroken(SqlInvariant):
    """Each ledger entry continues from the balance of the one before: none was changed or removed."""

    subgraph, table = "payment", LedgerEntry

    def offenders(self) -> Iterator[Query]:
        before = func.lag(LedgerEntry.balance_after).over(partition_by=LedgerEntry.user_id, order_by=LedgerEntry.id)
        chain = select(*ENTRY, func.coalesce(before, 0).label("balance_before")).subquery()
        yield select(chain).where(chain.c.balance_after != chain.c.balance_before + chain.c.amount)


class ChargedOnce(SqlInvariant):
    """A payment is charged at most once."""

    subgraph, table = "payment", Payment

    def offenders(self) -> Iterator[Query]:
        charges = select(LedgerEntry.payment_id, func.count().label("charges"))
        charges = charges.where(LedgerEntry.kind == "PURCHASE").group_by(LedgerEntry.payment_id)
        yield charges.having(func.count() > 1)


class PaidIsCharged(SqlInvariant):
    """Each paid payment has a ledger entry of exactly its amount."""

    subgraph, table = "payment", Payment

    def offenders(self) -> Iterator[Query]:
        entry = and_(LedgerEntry.payment_id == Payment.id, LedgerEntry.kind == "PURCHASE")
        payments = select(Payment.id, Payment.state, Payment.amount, LedgerEntry.amount.label("charged"))
        paid = payments.outerjoin(LedgerEntry, entry).where(Payment.state.in_(PAID_STATES))
        yield paid.where(func.coalesce(LedgerEntry.amount, 1) != -Payment.amount)


class UnpaidCostsNothing(SqlInvariant):
    """A payment that is not paid has no ledger entry."""

    subgraph, table = "payment", Payment

    def offenders(self) -> Iterator[Query]:
        entries = select(*ENTRY, LedgerEntry.payment_id, Payment.state)
        entries = entries.outerjoin(Payment, Payment.id == LedgerEntry.payment_id)
        entries = entries.where(LedgerEntry.payment_id.is_not(None))
        yield entries.where(func.coalesce(Payment.state, "").not_in(PAID_STATES))


class EveryPostingHasItsCause(SqlInvariant):
    """Each ledger entry belongs to a top-up, its reversal, a completed refund or a payment, and has its amount."""

    subgraph, table = "payment", LedgerEntry

    def offenders(self) -> Iterator[Query]:
        yield _entries("TOP_UP", "top-up:", BOUGHT, LedgerEntry.amount != BOUGHT.c.amount)
        yield _entries("REVERSAL", "reversal:", REVERSED, LedgerEntry.amount != -REVERSED.c.amount)
        refund_differs = or_(LedgerEntry.amount != Refund.amount, Refund.state != "COMPLETED")
        yield _entries("REFUND", "refund:", Refund.__table__, refund_differs)
        yield _entries("PURCHASE", "purchase:", Payment.__table__, LedgerEntry.amount != -Payment.amount)
        yield select(*ENTRY).where(LedgerEntry.kind.not_in(("TOP_UP", "REVERSAL", "REFUND", "PURCHASE")))


class PaidTopUpsAreCredited(SqlInvariant):
    """Each top-up that a provider was paid for is in the ledger, and its reversal if it was given back."""

    subgraph, table = "payment", ProviderTopUp

    def offenders(self) -> Iterator[Query]:
        yield _without_entry(CREDITED, "top-up:")
        yield _without_entry(TAKEN_BACK, "reversal:")
        paid = ProviderTopUp.state == "PAID"
        yield select(ProviderTopUp.id, ProviderTopUp.state).where(paid, ProviderTopUp.credited_at.is_(None))


class PointsAreConserved(Invariant):
    """Points bought - points given back - points spent + points refunded = the sum of all balances."""

    async def check(self, store: Snapshots, finding: Finding) -> None:
        payment = store["payment"]
        sums = {
            "bought": select(func.sum(BOUGHT.c.amount)),
            "given_back": select(func.sum(REVERSED.c.amount)),
            "spent": select(func.sum(Payment.amount)).where(Payment.state.in_(PAID_STATES)),
            "refunded": select(func.sum(Refund.amount)).where(Refund.state == "COMPLETED"),
            "balances": select(func.sum(Wallet.balance)),
        }
        points = {name: int(await payment.scalar(query) or 0) for name, query in sums.items()}
        finding.checked = await payment.count(Wallet)
        if points["bought"] - points["given_back"] - points["spent"] + points["refunded"] != points["balances"]:
            finding.breach(**points)


def _without_entry(which: Any, prefix: str) -> Query:
    reference = literal(prefix).concat(ProviderTopUp.id)
    entry = and_(LedgerEntry.user_id == ProviderTopUp.user_id, LedgerEntry.reference == reference)
    top_ups = select(ProviderTopUp.id, ProviderTopUp.user_id, ProviderTopUp.state, ProviderTopUp.amount)
    return top_ups.outerjoin(LedgerEntry, entry).where(which, LedgerEntry.id.is_(None))


def _entries(kind: str, prefix: str, cause: FromClause, differs: Any) -> Query:
    """Entries of a kind that have no cause, or differ from it. A cause is the row that the reference names."""
    cause_id = func.substr(LedgerEntry.reference, len(prefix) + 1)
    caused = and_(cause.c.id == cause_id, cause.c.user_id == LedgerEntry.user_id)
    entries = select(*ENTRY, cause.c.amount.label("expected")).outerjoin(cause, caused)
    other_prefix = func.substr(LedgerEntry.reference, 1, len(prefix)) != prefix
    return entries.where(LedgerEntry.kind == kind, or_(cause.c.id.is_(None), other_prefix, differs))
