"""The steps of the checkout saga, each for a list of sagas at once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.order import ENTER_PAYMENTS, LEAVE_PAYMENTS, PLACE_CHECKOUT_ORDERS, OrderOutcome
from subgraphs.contracts.payment import PaidLine
from subgraphs.contracts.stock import HOLD_UNITS, RELEASE_UNITS
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.runtime import Runtime
from subgraphs.payment.checkouts.domain import CheckoutOutcome, Succeeded, encode
from subgraphs.payment.checkouts.repository import CheckoutRepository
from subgraphs.payment.checkouts.saga import Saga, holding_failure, placing_failure
from subgraphs.payment.models import Checkout
from subgraphs.payment.payments.charging import Charge, charge
from subgraphs.payment.payments.repository import PaymentRepository, PaymentView
from subgraphs.payment.payments.service import paid_event
from subgraphs.payment.settings import PaymentSettings


class CheckoutSteps:
    """Takes sagas forward, or back. Raises Unavailable when a peer did not answer."""

    def __init__(self, runtime: Runtime, config: PaymentSettings) -> None:
        self._database = runtime.database
        self._peers = runtime.peers
        self._outbox = runtime.outbox
        self._lifetime = timedelta(seconds=config.payment_lifetime)

    async def take(self, sagas: list[Saga]) -> None:
        """All steps forward. Each saga ends DONE, FAILED, or UNDOING with what there is to tell."""
        placed = await self._place(sagas)
        await failpoint("checkout: placed")
        held = await self._hold(placed)
        await failpoint("checkout: held")
        if held:
            await self._close(held)
            await failpoint("checkout: closed")

    async def undo(self, sagas: list[Saga]) -> None:
        """Takes back the order and the hold. Sagas that were UNDOING are FAILED then."""
        if not sagas:
            return
        await self._peers.call(RELEASE_UNITS, [saga.release_request() for saga in sagas])
        await failpoint("undo: released")
        await self._peers.call(LEAVE_PAYMENTS, [saga.leave_request() for saga in sagas])
        await failpoint("undo: left")
        await self._move(sagas, "FAILED", after="UNDOING")

    async def _place(self, sagas: list[Saga]) -> list[Saga]:
        """Places or enters the orders; those that cannot be are FAILED, with nothing to undo.

        But one that has been resumed is UNDOING: another attempt may have got through, or get through yet.
        """
        outcomes = await self._orders(sagas)
        failures: dict[str, CheckoutOutcome] = {}
        for saga in sagas:
            outcome = outcomes[saga.id]
            saga.lines = [
                PaidLine(product_id=line.product_id, points=line.points, claim_id=line.claim_id)
                for line in outcome.lines
            ]
            if outcome.kind != "ready":
                failures[saga.id] = placing_failure(saga, outcome)
        await self._fail(sagas, failures, undo=lambda row: row.is_resumed)
        return [saga for saga in sagas if saga.outcome is None]

    async def _orders(self, sagas: list[Saga]) -> dict[str, OrderOutcome]:
        checkouts = [saga for saga in sagas if saga.kind == "checkout"]
        starts = [saga for saga in sagas if saga.kind == "start"]
        placed = await self._peers.call(PLACE_CHECKOUT_ORDERS, [saga.place_request() for saga in checkouts])
        entered = await self._peers.call(ENTER_PAYMENTS, [saga.enter_request() for saga in starts])
        ids = [saga.id for saga in checkouts + starts]
        return dict(zip(ids, placed + entered, strict=True))

    async def _hold(self, sagas: list[Saga]) -> list[Saga]:
        """Holds the limited units; those that are out of stock are UNDOING."""
        await self._move(sagas, "HOLDING", after="PLACING")
        outcomes = await self._peers.call(HOLD_UNITS, [saga.hold_request() for saga in sagas])
        failures = {
            saga.id: holding_failure(outcome)
            for saga, outcome in zip(sagas, outcomes, strict=True)
            if outcome.kind != "held"
        }
        await self._fail(sagas, failures, undo=lambda row: True)
        return [saga for saga in sagas if saga.outcome is None]

    @retry_on_conflict
    async def _close(self, sagas: list[Saga]) -> None:
        """The last step, in one transaction: charges checkouts, opens started payments, ends the sagas."""
        async with self._database.transaction() as session:
            rows = await CheckoutRepository(session).lock(saga.id for saga in sagas)
            mine = [saga for saga in sagas if rows[saga.id].step == "HOLDING"]
            outcomes = await self._charge_or_open(session, mine)
            for saga in mine:
                outcome = outcomes[saga.id]
                rows[saga.id].outcome = encode(outcome)
                rows[saga.id].step = "DONE" if isinstance(outcome, Succeeded) else "UNDOING"
        for saga in sagas:  # also those that another process has ended meanwhile
            saga.follow(rows[saga.id])

    async def _charge_or_open(self, session: AsyncSession, sagas: list[Saga]) -> Mapping[str, CheckoutOutcome]:
        repository = PaymentRepository(session)
        now = await repository.now()
        checkouts = [saga for saga in sagas if saga.kind == "checkout"]
        charges = [Charge(saga.id, saga.user_id, saga.total, saga.lines) for saga in checkouts]
        outcomes: dict[str, CheckoutOutcome] = {saga.id: Succeeded() for saga in sagas}
        for saga, outcome in zip(checkouts, await charge(session, charges), strict=True):
            outcomes[saga.id] = outcome
        payments = []
        for saga in sagas:
            if isinstance(outcomes[saga.id], Succeeded):
                payment = self._payment(saga, now)
                payments.append(payment.paid(now) if saga.kind == "checkout" else payment)
        lines = {saga.id: saga.lines for saga in sagas}
        await repository.add(payments, lines)
        paid = [payment for payment in payments if payment.state == "PAID"]
        await self._outbox.add(session, [paid_event(payment, lines[payment.id]) for payment in paid])
        return outcomes

    def _payment(self, saga: Saga, now: datetime) -> PaymentView:
        until = now + self._lifetime
        return PaymentView(saga.id, saga.order_id, saga.user_id, "READY", saga.total, now, until, None)

    @retry_on_conflict
    async def _fail(
        self, sagas: list[Saga], failures: Mapping[str, CheckoutOutcome], undo: Callable[[Checkout], bool]
    ) -> None:
        """Records failures, unless another process was faster: what it recorded holds."""
        if not failures:
            return
        async with self._database.transaction() as session:
            rows = await CheckoutRepository(session).lock(failures)
            for row in rows.values():
                if row.outcome is None:
                    row.outcome = encode(failures[row.id])
                    row.step = "UNDOING" if undo(row) else "FAILED"
        for saga in sagas:
            if saga.id in rows:
                saga.follow(rows[saga.id])

    @retry_on_conflict
    async def _move(self, sagas: Sequence[Saga], step: str, *, after: str) -> None:
        if not sagas:
            return
        async with self._database.transaction() as session:
            await CheckoutRepository(session).set_step([saga.id for saga in sagas], step, after=after)
        for saga in sagas:
            saga.step = step
