"""The rules of what payments hold: taken all or none, then sold, given back, or returned by a refund.

A hold never ends by stock's clock: payment says when it does.
"""

from collections.abc import Collection, Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.payment import PaymentCancelled, PaymentPaid, PaymentRefunded
from subgraphs.contracts.stock import HoldOutcome, HoldRequest, Released, ReleaseRequest
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.runtime import Runtime
from subgraphs.stock.claims.cache import ClaimCache
from subgraphs.stock.claims.repository import ClaimRepository
from subgraphs.stock.domain import Place, StockMovements
from subgraphs.stock.holds.batch import HoldBatch
from subgraphs.stock.holds.repository import Line, StockRepository
from subgraphs.stock.sales.repository import SaleRepository


class Holds:
    """Takes steps and applies events on what payments hold."""

    def __init__(self, runtime: Runtime, board: ClaimCache) -> None:
        self._database = runtime.database
        self._board = board

    # ---- steps

    async def hold(self, requests: list[HoldRequest]) -> list[HoldOutcome]:
        """Takes units, and claims, into payments."""
        try:
            return await self._hold(requests)
        except IntegrityError:
            # One of the payments was held or released meanwhile, by another process: now that is seen.
            return await self._hold(requests)

    @retry_on_conflict
    async def release(self, requests: list[ReleaseRequest]) -> list[Released]:
        """Gives back what payments hold, and keeps a hold that comes later from being taken."""
        async with self._database.transaction() as session:
            await self._release(session, requests)
        await failpoint("release: committed")
        return [Released() for _ in requests]

    # ---- events

    async def apply_paid(self, session: AsyncSession, events: list[PaymentPaid]) -> None:
        """What was held is sold; what a refund (that came before) has returned stays returned."""
        repository = StockRepository(session)
        paid = await _held(repository, {event.payment_id for event in events})
        lines = await repository.lines(paid)
        await _move(session, lines, "sold")
        await ClaimRepository(session).sell(_claims(lines))
        await repository.set_lines(lines, "SOLD")
        await repository.set_holds(paid, "SOLD")
        await self._board.settle("sold", _claimed(lines))

    async def apply_cancelled(self, session: AsyncSession, events: list[PaymentCancelled]) -> None:
        await self._release(
            session, [ReleaseRequest(payment_id=event.payment_id, user_id=event.user_id) for event in events]
        )

    async def apply_refunded(self, session: AsyncSession, events: list[PaymentRefunded]) -> None:
        """Refunded units return to where they came from, whether the sale has been applied yet or not."""
        repository = StockRepository(session)
        refunded = {(event.payment_id, line.product_id) for event in events for line in event.lines}
        payments = {event.payment_id for event in events}
        await repository.lock_holds(payments)
        lines = [line for line in await repository.lines(payments) if (line.payment_id, line.product_id) in refunded]
        await _move(session, lines, "remaining")
        await ClaimRepository(session).end(_claims(lines), "RELEASED")
        await repository.set_lines(lines, "RETURNED")
        await self._board.settle("ended", _claimed(lines))

    # ---- parts

    @retry_on_conflict
    async def _hold(self, requests: list[HoldRequest]) -> list[HoldOutcome]:
        async with self._database.transaction() as session:
            repository, claims = StockRepository(session), ClaimRepository(session)
            known = await repository.lock_holds({request.payment_id for request in requests})
            fresh = {r.payment_id: r for r in requests if r.payment_id not in known}
            wanted = [line for request in fresh.values() for line in request.lines]
            claim_ids = {line.claim_id for line in wanted if line.claim_id}
            offered = await claims.claims(claim_ids)
            limited = await repository.lock_limited({line.product_id for line in wanted if not line.claim_id})
            shelf = HoldBatch(limited, offered, await claims.lock_claims(claim_ids))
            outcomes = {payment_id: shelf.take(request) for payment_id, request in fresh.items()}
            await repository.shift_limited(shelf.shifts)
            await claims.enter(shelf.entered)
            await repository.add_holds(shelf.held, shelf.lines, await repository.now())
        await failpoint("hold: committed")
        return [outcomes.get(r.payment_id) or _repeated(known[r.payment_id]) for r in requests]

    async def _release(self, session: AsyncSession, requests: Sequence[ReleaseRequest]) -> None:
        repository, claims = StockRepository(session), ClaimRepository(session)
        moment = await repository.now()
        await repository.add_tombstones(requests, moment)
        released = await _held(repository, {request.payment_id for request in requests})
        lines = await repository.lines(released)
        good = [line for line in lines if line.expires_at is not None and line.expires_at > moment]
        gone = [line for line in lines if line not in good]
        await _move(session, gone, "remaining")
        await claims.leave(_claims(good))
        await claims.end(_claims(gone), "EXPIRED")
        await repository.set_lines(lines, "RETURNED")
        await repository.set_holds(released, "RELEASED")
        await self._board.settle("ended", _claimed(gone))


async def _held(repository: StockRepository, payment_ids: Collection[str]) -> list[str]:
    """Locks holds; those of them that are HELD."""
    states = await repository.lock_holds(payment_ids)
    return [payment_id for payment_id, state in states.items() if state == "HELD"]


async def _move(session: AsyncSession, lines: Sequence[Line], target: Place) -> None:
    """Moves the units of lines from where they are."""
    sales, limited = StockMovements(), StockMovements()
    for line in lines:
        source: Place = "sold" if line.state == "SOLD" else "held"
        if line.sale_id is None:
            limited.move(line.product_id, source, target)
        else:
            sales.move(line.sale_id, source, target)
    await SaleRepository(session).shift(sales)
    await StockRepository(session).shift_limited(limited)


def _claims(lines: Sequence[Line]) -> list[str]:
    return [line.claim_id for line in lines if line.claim_id is not None]


def _claimed(lines: Sequence[Line]) -> list[tuple[str, str, str]]:
    """The claims of lines as the board knows them."""
    known = [(line.sale_id, line.user_id, line.claim_id) for line in lines]
    return [(sale, user, claim) for sale, user, claim in known if sale and user and claim]


def _repeated(state: str) -> HoldOutcome:
    return HoldOutcome(kind="released" if state == "RELEASED" else "held")
