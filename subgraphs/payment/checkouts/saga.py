"""The checkout saga: place (or attach) the order, hold its units, charge it (or open its payment).

A checkout's row is its only state. Each step is idempotent by the checkout's id and takes a list, so any process can
go on with what another has begun, always from the first step. Two processes may even drive the same checkout at once:
the first to write an outcome wins, and the other follows. A failed checkout is undone before its client is told. Where
a peer does not answer, the outcome of the step is unknown: the saga stops there, until the client repeats the request
or the sweeper takes it up.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.order import (
    ATTACH_ORDERS,
    DETACH_ORDERS,
    PLACE_CHECKOUT_ORDERS,
    AttachRequest,
    DetachRequest,
    PlaceRequest,
)
from subgraphs.contracts.payment import PaidLine
from subgraphs.contracts.stock import HOLD_UNITS, RELEASE_UNITS, HoldLine, HoldRequest, ReleaseRequest
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.runtime import Runtime
from subgraphs.payment.checkouts.domain import (
    Checkout,
    CheckoutKind,
    CheckoutOutcome,
    CheckoutStep,
    Succeeded,
    holding_failure,
    placing_failure,
)
from subgraphs.payment.checkouts.repository import CheckoutRepository
from subgraphs.payment.payments.charging import Charging
from subgraphs.payment.payments.domain import Bill, Payment
from subgraphs.payment.payments.service import Payments
from subgraphs.payment.settings import PaymentSettings


@dataclass
class Saga:
    """A checkout in progress: its row as last read, and the lines of its order once order has answered."""

    checkout: Checkout
    lines: list[PaidLine] = field(default_factory=list)
    holds_units: bool = True
    """Whether stock holds anything for it, as far as this attempt knows."""

    @property
    def id(self) -> str:
        return self.checkout.id


@dataclass(frozen=True)
class Step:
    """A step for a list of sagas, and what undoes it; each with the failpoint that follows it."""

    take: Callable[[list[Saga]], Awaitable[None]]
    taken: str
    undo: Callable[[list[Saga]], Awaitable[None]] | None = None
    undone: str = ""


class CheckoutSaga:
    """Drives checkouts through their steps."""

    def __init__(self, runtime: Runtime, config: PaymentSettings, payments: Payments, charging: Charging) -> None:
        self._database = runtime.database
        self._peers = runtime.peers
        self._lifetime = timedelta(seconds=config.payment_lifetime)
        self._payments = payments
        self._charging = charging
        self._steps = (
            Step(self._place, "checkout: placed", self._detach, "undo: detached"),
            Step(self._hold, "checkout: held", self._release, "undo: released"),
            Step(self._pay, "checkout: closed"),
        )

    async def drive(self, sagas: Sequence[Saga]) -> None:
        """Drives sagas until they are DONE or FAILED.

        Raises Unavailable when a peer does not answer: those that have not ended go on from there later.
        """
        for step in self._steps:
            if running := [saga for saga in sagas if saga.checkout.outcome is None]:
                await step.take(running)
                await failpoint(step.taken)
        if undoing := [saga for saga in sagas if saga.checkout.step is CheckoutStep.UNDOING]:
            for step in reversed(self._steps):
                if step.undo is not None:
                    await step.undo(undoing)
                    await failpoint(step.undone)
            await self._set_step(undoing, CheckoutStep.FAILED, after=CheckoutStep.UNDOING)
            for saga in undoing:
                saga.checkout = replace(saga.checkout, step=CheckoutStep.FAILED)

    # ---- 1. the order: placed by a checkout, attached by the start of a payment

    async def _place(self, sagas: list[Saga]) -> None:
        placing = [saga for saga in sagas if saga.checkout.kind is CheckoutKind.CHECKOUT]
        attaching = [saga for saga in sagas if saga.checkout.kind is CheckoutKind.START]
        placed = await self._peers.call(PLACE_CHECKOUT_ORDERS, [_place_request(saga.checkout) for saga in placing])
        attached = await self._peers.call(ATTACH_ORDERS, [_attach_request(saga.checkout) for saga in attaching])
        failures: dict[str, CheckoutOutcome] = {}
        for saga, outcome in zip(placing + attaching, placed + attached, strict=True):
            saga.lines = [PaidLine(line.product_id, line.points, line.claim_id) for line in outcome.lines]
            if outcome.kind != "ready":
                failures[saga.id] = placing_failure(saga.checkout.request, outcome)
        await self._fail(sagas, failures)

    async def _detach(self, sagas: list[Saga]) -> None:
        await self._peers.call(DETACH_ORDERS, [_detach_request(saga.checkout) for saga in sagas])

    # ---- 2. the limited units

    async def _hold(self, sagas: list[Saga]) -> None:
        await self._set_step(sagas, CheckoutStep.HOLDING, after=CheckoutStep.PLACING)
        outcomes = await self._peers.call(HOLD_UNITS, [_hold_request(saga) for saga in sagas])
        failures: dict[str, CheckoutOutcome] = {}
        for saga, outcome in zip(sagas, outcomes, strict=True):
            saga.holds_units = outcome.holds_units
            if outcome.kind != "held":
                failures[saga.id] = holding_failure(outcome)
        await self._fail(sagas, failures)

    async def _release(self, sagas: list[Saga]) -> None:
        requests = [ReleaseRequest(payment_id=saga.id, user_id=saga.checkout.user_id) for saga in sagas]
        await self._peers.call(RELEASE_UNITS, requests)

    # ---- 3. the payment: charged by a checkout, opened by a start. The last step, so it needs no undo

    @retry_on_conflict
    async def _pay(self, sagas: list[Saga]) -> None:
        async with self._database.transaction() as session:
            repository = CheckoutRepository(session)
            rows = await repository.lock(saga.id for saga in sagas)
            _follow(sagas, rows)
            outcomes = await self._charge_or_open(session, [saga for saga in sagas if saga.checkout.outcome is None])
            decided = {id: rows[id].decided(outcome) for id, outcome in outcomes.items()}
            await repository.save_decided(decided.values())
        _follow(sagas, decided)

    async def _charge_or_open(self, session: AsyncSession, sagas: list[Saga]) -> dict[str, CheckoutOutcome]:
        now = await CheckoutRepository(session).now()
        opened = [self._bill(saga, now) for saga in sagas if saga.checkout.kind is CheckoutKind.START]
        charged = [self._bill(saga, now) for saga in sagas if saga.checkout.kind is CheckoutKind.CHECKOUT]
        await self._payments.open(session, opened)
        paid = await self._charging.charge(session, charged, now)
        outcomes: dict[str, CheckoutOutcome] = {saga.id: Succeeded() for saga in sagas}
        return outcomes | {id: one for id, one in paid.items() if not isinstance(one, Payment)}

    def _bill(self, saga: Saga, now: datetime) -> Bill:
        checkout = saga.checkout
        # A product may become limited between two attempts: what another one holds is not known here.
        holds_units = saga.holds_units or checkout.is_resumed
        return Bill.new(
            checkout.id, checkout.order_id, checkout.user_id, saga.lines, now, self._lifetime, holds_units=holds_units
        )

    # ---- the rows

    @retry_on_conflict
    async def _fail(self, sagas: Sequence[Saga], failures: Mapping[str, CheckoutOutcome]) -> None:
        """Records failures. A checkout that another process has already decided keeps that outcome."""
        if not failures:
            return
        async with self._database.transaction() as session:
            repository = CheckoutRepository(session)
            rows = await repository.lock(failures)
            decided = {id: row.decided(failures[id]) for id, row in rows.items() if row.outcome is None}
            await repository.save_decided(decided.values())
        _follow(sagas, rows | decided)

    @retry_on_conflict
    async def _set_step(self, sagas: Sequence[Saga], step: CheckoutStep, *, after: CheckoutStep) -> None:
        async with self._database.transaction() as session:
            await CheckoutRepository(session).set_step([saga.id for saga in sagas], step, after=after)


def _follow(sagas: Iterable[Saga], rows: Mapping[str, Checkout]) -> None:
    """Takes over what the rows say, whoever wrote them."""
    for saga in sagas:
        saga.checkout = rows.get(saga.id, saga.checkout)


def _place_request(checkout: Checkout) -> PlaceRequest:
    return PlaceRequest(
        order_id=checkout.order_id,
        payment_id=checkout.id,
        user_id=checkout.user_id,
        product_ids=list(checkout.request.product_ids),
        claim_ids=list(checkout.request.claim_ids),
        expected_total=checkout.request.expected_total,
    )


def _attach_request(checkout: Checkout) -> AttachRequest:
    return AttachRequest(order_id=checkout.order_id, payment_id=checkout.id, user_id=checkout.user_id)


def _detach_request(checkout: Checkout) -> DetachRequest:
    """A checkout's own order is cancelled; a placed one can be paid anew."""
    return DetachRequest(
        order_id=checkout.order_id,
        payment_id=checkout.id,
        user_id=checkout.user_id,
        cancel=checkout.kind is CheckoutKind.CHECKOUT,
    )


def _hold_request(saga: Saga) -> HoldRequest:
    lines = [HoldLine(product_id=line.product_id, claim_id=line.claim_id) for line in saga.lines]
    return HoldRequest(payment_id=saga.id, user_id=saga.checkout.user_id, lines=lines)
