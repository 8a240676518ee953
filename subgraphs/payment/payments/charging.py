"""Charging: the one place where points leave a wallet for products, and a payment becomes PAID."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.messaging.outbox import Outbox
from subgraphs.payment.payments.domain import Bill, Payment, PayOutcome, decide_charges, paid_event
from subgraphs.payment.payments.repository import PaymentRepository
from subgraphs.payment.wallets.service import Wallets


class Charging:
    """Charges bills within the transaction of whoever pays."""

    def __init__(self, outbox: Outbox, wallets: Wallets) -> None:
        self._outbox = outbox
        self._wallets = wallets

    async def charge(self, session: AsyncSession, bills: Sequence[Bill], now: datetime) -> dict[str, PayOutcome]:
        """Charges bills in order, each wholly or not at all; returns the outcomes by payment id.

        The only writer of PAID. Wallets, ledger, entitlements, payments and the PaymentPaid events are written in the
        caller's transaction, in a constant number of statements.
        """
        if not bills:
            return {}
        repository = PaymentRepository(session)
        balances = await self._wallets.lock(session, [bill.payment.user_id for bill in bills])
        entitled = await repository.lock_entitlements([pair for bill in bills for pair in bill.entitlements])
        outcomes = decide_charges(bills, balances, entitled, now)
        paid = [
            replace(bill, payment=payment)
            for bill in bills
            if isinstance(payment := outcomes[bill.payment.id], Payment)
        ]
        if paid:
            await self._wallets.post(session, balances, [bill.posting for bill in paid], now)
            await repository.add_entitlements(paid)
            await repository.add([bill for bill in paid if bill.is_new])
            await repository.set_paid([bill.payment.id for bill in paid if not bill.is_new], now)
            await self._outbox.add(session, [paid_event(bill.payment, bill.lines) for bill in paid])
        return outcomes
