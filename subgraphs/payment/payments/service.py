"""Payments of placed orders: reading, paying, cancelling and expiring them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.batching import Batcher
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.due_work import Work
from subgraphs.kit.errors import InvalidState, NotFound
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.payment.payments.charging import Charging
from subgraphs.payment.payments.domain import Bill, Payment, PaymentState, PayOutcome, cancelled_event, payable
from subgraphs.payment.payments.repository import SOME_ARE_EXPIRED, PaymentRepository

EXPIRE_BATCH = 200


@dataclass(frozen=True)
class PayRequest:
    """A user who wants to pay a payment."""

    user_id: str
    payment_id: str


class Payments:
    """The payments of orders."""

    def __init__(self, runtime: Runtime, charging: Charging) -> None:
        self._database = runtime.database
        self._outbox = runtime.outbox
        self._charging = charging
        self._paying: Batcher[PayRequest, PayOutcome] = Batcher("pay", self._pay, runtime.settings.batch_size)
        self.work = (Work("expire payments", SOME_ARE_EXPIRED, self.expire),)

    # ---- reading: the caller checks whose payments these are

    async def by_ids(self, ids: list[str]) -> list[Payment | None]:
        """The payments, in the order of `ids`."""
        async with self._database.reading() as session:
            found = await PaymentRepository(session).by_ids(ids)
        return [found.get(payment_id) for payment_id in ids]

    async def latest_by_orders(self, order_ids: list[str]) -> list[Payment | None]:
        """The latest payment of each order, in the order of `order_ids`."""
        async with self._database.reading() as session:
            found = await PaymentRepository(session).latest_by_orders(order_ids)
        return [found.get(order_id) for order_id in order_ids]

    async def page(self, user_id: str, page_request: PageRequest) -> Page[Payment]:
        """A user's payments, newest first."""
        async with self._database.reading() as session:
            return await PaymentRepository(session).page(user_id, page_request)

    async def count(self, user_id: str) -> int:
        """The number of a user's payments."""
        async with self._database.reading() as session:
            return await PaymentRepository(session).count(user_id)

    # ---- paying

    async def pay(self, viewer: Viewer, payment_id: str) -> PayOutcome:
        """Charges a READY payment; one that is paid already is returned as it is.

        Raises NotFound, and InvalidState for one that was cancelled or has expired.
        """
        return await self._paying(PayRequest(viewer.id, payment_id))

    @retry_on_conflict
    async def _pay(self, requests: list[PayRequest]) -> list[PayOutcome | Exception]:
        """Pays a batch in one transaction, with a constant number of statements."""
        async with self._database.transaction() as session:
            bills, now = await PaymentRepository(session).lock_bills(request.payment_id for request in requests)
            answers = [payable(bills.get(request.payment_id), request.user_id, now) for request in requests]
            found = {answer.id: answer for answer in answers if isinstance(answer, Payment)}
            ready = [bills[id] for id, payment in found.items() if payment.state is PaymentState.READY]
            outcomes = found | await self._charging.charge(session, ready, now)
        await failpoint("pay: committed")
        return [outcomes[answer.id] if isinstance(answer, Payment) else answer for answer in answers]

    # ---- ending payments that were not paid

    @retry_on_conflict
    async def cancel(self, viewer: Viewer, payment_id: str) -> Payment:
        """Cancels a READY payment: its order can be paid anew, its units are free. Idempotent.

        Raises NotFound, and InvalidState for one that is paid or has expired.
        """
        async with self._database.transaction() as session:
            repository = PaymentRepository(session)
            payment = (await repository.lock([payment_id])).get(payment_id)
            if payment is None or payment.user_id != viewer.id:
                raise NotFound("You have no such payment.")
            if payment.state is PaymentState.CANCELLED:
                return payment
            if payment.state is not PaymentState.READY:
                raise InvalidState(f"A payment that is {payment.state.value} cannot be cancelled.")
            await repository.set_state([payment.id], PaymentState.CANCELLED)
            await self._outbox.add(session, [cancelled_event(payment)])
            return replace(payment, state=PaymentState.CANCELLED)

    @retry_on_conflict
    async def expire(self) -> None:
        """Ends READY payments that were not paid in time."""
        async with self._database.transaction() as session:
            repository = PaymentRepository(session)
            expired = await repository.lock_expired(EXPIRE_BATCH)
            if expired:
                await repository.set_state([payment.id for payment in expired], PaymentState.EXPIRED)
                await self._outbox.add(session, [cancelled_event(payment) for payment in expired])

    # ---- within the transactions of checkouts and refunds

    async def open(self, session: AsyncSession, bills: Sequence[Bill]) -> None:
        """Adds new READY payments."""
        await PaymentRepository(session).add(bills)

    async def lock(self, session: AsyncSession, payment_id: str) -> Payment | None:
        """The locked payment."""
        return (await PaymentRepository(session).lock([payment_id])).get(payment_id)

    async def take_back(
        self, session: AsyncSession, payment: Payment, product_ids: Collection[str], state: PaymentState
    ) -> None:
        """Moves a locked payment to a refunded state; its user may buy the products again."""
        repository = PaymentRepository(session)
        await repository.remove_entitlements(payment, product_ids)
        await repository.set_state([payment.id], state)
