"""Charging: the one place where points leave a wallet for products."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.payment import PaidLine
from subgraphs.payment.checkouts.domain import AlreadyOwned, InsufficientPoints, Succeeded
from subgraphs.payment.payments.repository import PaymentRepository
from subgraphs.payment.wallets.repository import Posting, WalletRepository


@dataclass(frozen=True)
class Charge:
    """A payment to be charged; `amount` is the sum of its lines' points."""

    payment_id: str
    user_id: str
    amount: int
    lines: Sequence[PaidLine]


ChargeOutcome = Succeeded | InsufficientPoints | AlreadyOwned


async def charge(session: AsyncSession, charges: Sequence[Charge]) -> list[ChargeOutcome]:
    """Charges payments in order, each wholly or not at all, within the caller's transaction.

    Writes wallets, ledger and purchases in a constant number of statements. What else belongs to being paid
    (the payment's state, the event) is the caller's, in the same transaction.
    """
    if not charges:
        return []
    wallets, payments = WalletRepository(session), PaymentRepository(session)
    balances = await wallets.lock(item.user_id for item in charges)
    bought = await payments.lock_purchases((item.user_id, line.product_id) for item in charges for line in item.lines)
    available = dict(balances)
    outcomes = [_decide(item, available, bought) for item in charges]
    charged = [item for item, outcome in zip(charges, outcomes, strict=True) if isinstance(outcome, Succeeded)]
    if charged:
        await wallets.move(balances, [_movement(item) for item in charged])
        await payments.add_purchases(
            [(item.user_id, line.product_id, item.payment_id) for item in charged for line in item.lines]
        )
    return outcomes


def _decide(item: Charge, available: dict[str, int], bought: dict[tuple[str, str], str]) -> ChargeOutcome:
    """Decides one charge, and takes what it takes from `available` and `bought` for those after it."""
    pairs = [(item.user_id, line.product_id) for line in item.lines]
    owned = [product_id for user_id, product_id in pairs if (user_id, product_id) in bought]
    if owned:
        return AlreadyOwned(owned)
    balance = available[item.user_id]
    if balance < item.amount:
        return InsufficientPoints(required=item.amount, balance=balance)
    available[item.user_id] = balance - item.amount
    bought.update(dict.fromkeys(pairs, item.payment_id))
    return Succeeded()


def _movement(item: Charge) -> Posting:
    return Posting(
        user_id=item.user_id,
        kind="PURCHASE",
        amount=-item.amount,
        reference=f"purchase:{item.payment_id}",
        payment_id=item.payment_id,
    )
