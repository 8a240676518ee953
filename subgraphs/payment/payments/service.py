"""Payments that were started: paying, cancelling and expiring them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.payment import PaidLine, PaymentCancelled, PaymentPaid
from subgraphs.kit.batching import Batcher
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import InvalidState, NotFound, StoreError
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.payment.checkouts.domain import AlreadyOwned, InsufficientPoints, Succeeded
from subgraphs.payment.payments.charging import Charge, charge
from subgraphs.payment.payments.repository import PaymentRepository, PaymentView

PAID_STATES = frozenset({"PAID", "PARTIALLY_REFUNDED", "REFUNDED"})
EXPIRE_BATCH = 200


@dataclass(frozen=True)
class PayRequest:
    user_id: str
    payment_id: str


PayOutcome = PaymentView | InsufficientPoints | AlreadyOwned


class Payments:
    def __init__(self, runtime: Runtime) -> None:
        self._database = runtime.database
        self._outbox = runtime.outbox
        self._paying: Batcher[PayRequest, PayOutcome] = Batcher("pay", self._settle, runtime.settings.batch_size)

    async def by_ids(self, ids: list[str]) -> list[PaymentView | None]:
        async with self._database.reading() as session:
            found = await PaymentRepository(session).find(ids)
        return [found.get(payment_id) for payment_id in ids]

    async def by_orders(self, order_ids: list[str]) -> list[PaymentView | None]:
        """The latest payment of each order."""
        async with self._database.reading() as session:
            found = await PaymentRepository(session).of_orders(order_ids)
        return [found.get(order_id) for order_id in order_ids]

    async def page(self, user_id: str, page_request: PageRequest) -> Page[PaymentView]:
        """A user's payments, the newest first."""
        async with self._database.reading() as session:
            return await PaymentRepository(session).page(user_id, page_request)

    async def count(self, user_id: str) -> int:
        async with self._database.reading() as session:
            return await PaymentRepository(session).count(user_id)

    async def pay(self, user_id: str, payment_id: str) -> PayOutcome:
        """Charges a READY payment; one that is paid already is returned as it is.

        Raises NotFound, and InvalidState for one that was cancelled or has expired.
        """
        return await self._paying(PayRequest(user_id, payment_id))

    @retry_on_conflict
    async def _settle(self, requests: list[PayRequest]) -> list[PayOutcome | Exception]:
        """Pays a batch in one transaction, with a constant number of statements."""
        async with self._database.transaction() as session:
            repository = PaymentRepository(session)
            payments = await repository.lock(request.payment_id for request in requests)
            now = await repository.now()
            answers: dict[PayRequest, PayOutcome | Exception] = {
                request: _payable(request, payments, now) for request in requests
            }
            ready = {a.id: a for a in answers.values() if isinstance(a, PaymentView) and a.state == "READY"}
            charged = await self._charge(session, list(ready.values()), now)
        await failpoint("pay: committed")
        for request, answer in answers.items():
            if isinstance(answer, PaymentView):
                answers[request] = charged.get(answer.id, answer)
        return [answers[request] for request in requests]

    async def _charge(self, session: AsyncSession, ready: list[PaymentView], now: datetime) -> dict[str, PayOutcome]:
        """Charges locked payments; the outcomes by payment id."""
        repository = PaymentRepository(session)
        lines = await repository.lines([payment.id for payment in ready]) if ready else {}
        charges = [Charge(p.id, p.user_id, p.amount, lines[p.id]) for p in ready]
        outcomes: dict[str, PayOutcome] = {}
        for payment, outcome in zip(ready, await charge(session, charges), strict=True):
            outcomes[payment.id] = payment.paid(now) if isinstance(outcome, Succeeded) else outcome
        paid = [outcome for outcome in outcomes.values() if isinstance(outcome, PaymentView)]
        if paid:
            await repository.set_state([payment.id for payment in paid], "PAID", now)
            await self._outbox.add(session, [paid_event(payment, lines[payment.id]) for payment in paid])
        return outcomes

    @retry_on_conflict
    async def cancel(self, viewer: Viewer, payment_id: str) -> PaymentView:
        """Cancels a READY payment: its order is READY again, its units are free. Cancelling twice is fine.

        Raises NotFound, and InvalidState for one that is paid or has expired.
        """
        async with self._database.transaction() as session:
            repository = PaymentRepository(session)
            payment = (await repository.lock([payment_id])).get(payment_id)
            if payment is None or payment.user_id != viewer.id:
                raise NotFound("You have no such payment.")
            if payment.state == "CANCELLED":
                return payment
            if payment.state != "READY":
                raise InvalidState(f"A payment that is {payment.state} cannot be cancelled.")
            await repository.set_state([payment_id], "CANCELLED")
            await self._outbox.add(session, [cancelled_event(payment)])
        return (await self.by_ids([payment_id]))[0] or payment

    @retry_on_conflict
    async def expire(self) -> None:
        """Ends READY payments whose time is over."""
        async with self._database.transaction() as session:
            repository = PaymentRepository(session)
            expired = await repository.lock_expired(EXPIRE_BATCH)
            if expired:
                await repository.set_state([payment.id for payment in expired], "EXPIRED")
                await self._outbox.add(session, [cancelled_event(payment) for payment in expired])


def paid_event(payment: PaymentView, lines: list[PaidLine]) -> PaymentPaid:
    assert payment.paid_at is not None
    return PaymentPaid(
        payment_id=payment.id,
        order_id=payment.order_id,
        user_id=payment.user_id,
        paid_at=payment.paid_at,
        lines=lines,
    )


def cancelled_event(payment: PaymentView) -> PaymentCancelled:
    return PaymentCancelled(payment_id=payment.id, order_id=payment.order_id, user_id=payment.user_id)


def _payable(request: PayRequest, payments: dict[str, PaymentView], now: datetime) -> PaymentView | StoreError:
    """The payment if it is READY or paid already, else why it cannot be paid."""
    payment = payments.get(request.payment_id)
    if payment is None or payment.user_id != request.user_id:
        return NotFound("You have no such payment.")
    if payment.state in PAID_STATES or (payment.state == "READY" and payment.expires_at > now):
        return payment
    ended = "was cancelled" if payment.state == "CANCELLED" else "has expired"
    return InvalidState(f"This payment {ended}. Start a new one.")
