"""What payments hold: units taken all or none, then sold, given back, or returned by a refund.

A hold never ends by stock's own clock: payment says when it does.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.payment import PaymentCancelled, PaymentPaid, PaymentRefunded
from subgraphs.contracts.stock import HoldOutcome, HoldRequest, Released, ReleaseRequest
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.runtime import Runtime
from subgraphs.stock.claims.domain import ClaimState
from subgraphs.stock.claims.transitions import ClaimTransitions
from subgraphs.stock.holds.domain import HeldUnit, HoldBatch, HoldState, UnitState, claims_of, movements_of
from subgraphs.stock.holds.repository import HoldRepository
from subgraphs.stock.limited.service import LimitedStocks


class Holds:
    """Holds units for payments, and follows what becomes of these. All of it is idempotent by the payment's id."""

    def __init__(self, runtime: Runtime, limited: LimitedStocks, claims: ClaimTransitions) -> None:
        self._database = runtime.database
        self._inbox = runtime.inbox
        self._limited = limited
        self._claims = claims

    # ---- commands

    async def hold(self, requests: list[HoldRequest]) -> list[HoldOutcome]:
        """Takes units, and claims, into payments. Raises Unavailable."""
        outcomes = await self._hold_once(requests)
        pairs = zip(requests, outcomes, strict=True)
        short = {request.payment_id: request for request, outcome in pairs if outcome.kind == "out_of_stock"}
        if not short:
            return outcomes
        # What is missing may be held by a payment that the same user has cancelled just now.
        await self._inbox.catch_up(*[request.user_id for request in short.values()])
        again = dict(zip(short, await self._hold_once(list(short.values())), strict=True))
        return [again.get(request.payment_id, outcome) for request, outcome in zip(requests, outcomes, strict=True)]

    async def _hold_once(self, requests: list[HoldRequest]) -> list[HoldOutcome]:
        try:
            return await self._hold(requests)
        except IntegrityError:
            # Another process has held or released one of the payments meanwhile: its hold is found now.
            return await self._hold(requests)

    @retry_on_conflict
    async def _hold(self, requests: list[HoldRequest]) -> list[HoldOutcome]:
        async with self._database.transaction() as session:
            holds = HoldRepository(session)
            known = await holds.lock({request.payment_id for request in requests})
            new = {request.payment_id: request for request in requests if request.payment_id not in known}
            lines = [line for request in new.values() for line in request.lines]
            claims = await self._claims.lock(session, {line.claim_id for line in lines if line.claim_id is not None})
            limited = await self._limited.lock(session, {line.product_id for line in lines if line.claim_id is None})
            batch = HoldBatch(limited, claims)
            outcomes = {payment_id: batch.take(request) for payment_id, request in new.items()}
            await self._claims.enter(session, batch.entered)
            await self._limited.move(session, batch.movements)
            await holds.add(batch.held, batch.units, await holds.now())
        await failpoint("hold: committed")
        return [outcomes.get(r.payment_id) or _repeated(known[r.payment_id]) for r in requests]

    @retry_on_conflict
    async def release(self, requests: list[ReleaseRequest]) -> list[Released]:
        """Gives back what payments hold, and keeps holds that come later from being taken."""
        async with self._database.transaction() as session:
            await self._release(session, requests)
        await failpoint("release: committed")
        return [Released() for _ in requests]

    # ---- events

    async def apply_paid(self, session: AsyncSession, events: list[PaymentPaid]) -> None:
        """Sells what was held. A payment without a hold gets an empty SOLD one, which refuses a hold that comes later.

        What a refund has returned before stays returned.
        """
        holds = HoldRepository(session)
        users = {event.payment_id: event.user_id for event in events}
        states = await holds.lock(users)
        if new := {payment_id: user_id for payment_id, user_id in users.items() if payment_id not in states}:
            await holds.add_missing(new, HoldState.SOLD, await holds.now())
            states |= await holds.lock(new)
        paid = _held(states)
        units = await holds.units(paid)
        await self._claims.sell(session, claims_of(units))
        await self._limited.move(session, movements_of(units, "sold"))
        await holds.set_units(units, UnitState.SOLD)
        await holds.set_state(paid, HoldState.SOLD)

    async def apply_cancelled(self, session: AsyncSession, events: list[PaymentCancelled]) -> None:
        await self._release(
            session, [ReleaseRequest(payment_id=event.payment_id, user_id=event.user_id) for event in events]
        )

    async def apply_refunded(self, session: AsyncSession, events: list[PaymentRefunded]) -> None:
        """Returns refunded units to where they came from, even if PaymentPaid has not been applied yet."""
        holds = HoldRepository(session)
        refunded = {(event.payment_id, line.product_id) for event in events for line in event.lines}
        payments = {event.payment_id for event in events}
        await holds.lock(payments)
        units = [unit for unit in await holds.units(payments) if (unit.payment_id, unit.product_id) in refunded]
        await self._claims.end(session, claims_of(units), ClaimState.RELEASED)
        await self._return(session, units)

    # ---- parts

    async def _release(self, session: AsyncSession, requests: Sequence[ReleaseRequest]) -> None:
        """Claims go back to their users, except those whose time is over by now: they expire."""
        holds = HoldRepository(session)
        now = await holds.now()
        await holds.add_missing({r.payment_id: r.user_id for r in requests}, HoldState.RELEASED, now)
        released = _held(await holds.lock({request.payment_id for request in requests}))
        units = await holds.units(released)
        claims = claims_of(units)
        await self._claims.end(session, [claim for claim in claims if claim.expires_at <= now], ClaimState.EXPIRED)
        await self._claims.leave(session, [claim for claim in claims if claim.expires_at > now])
        await self._return(session, units)
        await holds.set_state(released, HoldState.RELEASED)

    async def _return(self, session: AsyncSession, units: Sequence[HeldUnit]) -> None:
        """Takes units out of their payments, and gives those of limited stocks back."""
        await self._limited.move(session, movements_of(units, "remaining"))
        await HoldRepository(session).set_units(units, UnitState.RETURNED)


def _held(states: Mapping[str, HoldState]) -> list[str]:
    """The payments whose hold is HELD."""
    return [payment_id for payment_id, state in states.items() if state is HoldState.HELD]


def _repeated(state: HoldState) -> HoldOutcome:
    return HoldOutcome(kind="released" if state is HoldState.RELEASED else "held")
