"""Refunds: lines are reserved, revoked in the library, and paid back on settlement.

A small saga: the row is REVOKING until library has said which lines were played. Those are let go, the others
are given back: the purchase is open again, the units return, and the points follow on settlement.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from subgraphs.contracts.library import REVOKE_GAMES, RevokeOutcome, RevokeRequest
from subgraphs.contracts.payment import PaidLine, PaymentRefunded
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import BadUserInput, IdempotencyConflict, NotFound
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.idempotency import checked_key, request_hash
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.payment.checkouts.domain import NotRefundable, RefusedLine, decode_refund, encode
from subgraphs.payment.models import PaymentLine, Refund
from subgraphs.payment.payments.repository import PaymentRepository, PaymentView
from subgraphs.payment.payments.service import PAID_STATES
from subgraphs.payment.refunds.repository import RefundRepository
from subgraphs.payment.settings import PaymentSettings
from subgraphs.payment.wallets.repository import Posting, WalletRepository

BATCH = 200


class Refunds:
    def __init__(self, runtime: Runtime, config: PaymentSettings) -> None:
        self._database = runtime.database
        self._peers = runtime.peers
        self._outbox = runtime.outbox
        self._window = timedelta(seconds=config.refund_window)
        self._delay = timedelta(seconds=config.settlement_delay)
        self._overdue = timedelta(seconds=config.checkout_overdue)

    async def refund(
        self, viewer: Viewer, payment_id: str, product_ids: Sequence[str] | None, key: str
    ) -> Refund | NotRefundable:
        """Refunds those of the asked lines (all when None) that qualify; NotRefundable when none does.

        Raises NotFound, BadUserInput, IdempotencyConflict, and Unavailable when library does not answer: the
        refund then goes on by itself, and the same request tells how it ended.
        """
        try:
            refund = await self._reserve(viewer, payment_id, product_ids, checked_key(key))
        except IntegrityError:  # the key was taken at the same moment, for another payment
            raise IdempotencyConflict from None
        if isinstance(refund, NotRefundable):
            return refund
        await failpoint("refund: reserved")
        if refund.state == "REVOKING":
            refund = await self._revoke(refund)
        return decode_refund(refund.outcome) if refund.outcome else refund

    async def of_payments(self, payment_ids: list[str]) -> list[list[Refund]]:
        async with self._database.reading() as session:
            found = await RefundRepository(session).of_payments(payment_ids)
        return [found.get(payment_id, []) for payment_id in payment_ids]

    async def products(self, refund_ids: list[str]) -> list[list[str]]:
        async with self._database.reading() as session:
            found = await RefundRepository(session).products(refund_ids)
        return [found.get(refund_id, []) for refund_id in refund_ids]

    async def sweep(self) -> None:
        """Goes on with refunds that were left REVOKING."""
        async with self._database.reading() as session:
            left = await RefundRepository(session).unrevoked(self._overdue, BATCH)
        for refund in left:
            await self._revoke(refund)

    @retry_on_conflict
    async def settle(self) -> None:
        """Pays back what is due."""
        async with self._database.transaction() as session:
            due = await RefundRepository(session).lock_due(BATCH)
            if not due:
                return
            wallets = WalletRepository(session)
            now = await PaymentRepository(session).now()
            balances = await wallets.lock(refund.user_id for refund in due)
            await wallets.move(balances, [_credit(refund) for refund in due])
            for refund in due:
                refund.state, refund.completed_at = "COMPLETED", now

    @retry_on_conflict
    async def _reserve(
        self, viewer: Viewer, payment_id: str, product_ids: Sequence[str] | None, key: str
    ) -> Refund | NotRefundable:
        digest = request_hash(payment_id, sorted(product_ids) if product_ids is not None else None)
        async with self._database.transaction() as session:
            repository, refunds = PaymentRepository(session), RefundRepository(session)
            payment = (await repository.lock([payment_id])).get(payment_id)
            if payment is None or payment.user_id != viewer.id:
                raise NotFound("You have no such payment.")
            before = await refunds.by_key(viewer.id, key)
            if before is not None:
                if before.request_hash != digest:
                    raise IdempotencyConflict
                return before
            now = await repository.now()
            lines = _asked(await repository.lock_lines(payment_id), product_ids)
            reasons = {line.product_id: self._obstacle(payment, line, now) for line in lines}
            open_lines = [line for line in lines if reasons[line.product_id] is None]
            if not open_lines:
                return NotRefundable([RefusedLine(p, reason) for p, reason in reasons.items() if reason])
            refund = Refund(
                id=new_id(),
                payment_id=payment_id,
                user_id=viewer.id,
                idempotency_key=key,
                request_hash=digest,
                state="REVOKING",
                amount=0,
                requested_at=now,
                settle_at=now + self._delay,
            )
            refunds.add(refund)
            for line in open_lines:
                line.refund_id = refund.id
        return refund

    def _obstacle(self, payment: PaymentView, line: PaymentLine, now: datetime) -> str | None:
        """Why a line cannot be refunded, as far as payment knows."""
        if payment.state not in PAID_STATES or payment.paid_at is None:
            return "NOT_PAID"
        if line.refund_id is not None:
            return "ALREADY_REFUNDED"
        return "TOO_LATE" if payment.paid_at + self._window < now else None

    async def _revoke(self, refund: Refund) -> Refund:
        [product_ids] = await self.products([refund.id])
        request = RevokeRequest(
            refund_id=refund.id,
            payment_id=refund.payment_id,
            user_id=refund.user_id,
            product_ids=product_ids,
        )
        [outcome] = await self._peers.call(REVOKE_GAMES, [request])
        await failpoint("refund: revoked")
        return await self._apply(refund.id, refund.payment_id, outcome)

    @retry_on_conflict
    async def _apply(self, refund_id: str, payment_id: str, outcome: RevokeOutcome) -> Refund:
        """Gives back what library has revoked; done once, however often library's answer comes."""
        async with self._database.transaction() as session:
            repository, refunds = PaymentRepository(session), RefundRepository(session)
            payment = (await repository.lock([payment_id]))[payment_id]
            lines = await repository.lock_lines(payment_id)
            refund = await refunds.lock(refund_id)
            assert refund is not None
            if refund.state != "REVOKING":
                return refund
            if outcome.played:
                await refunds.free_lines(refund_id, outcome.played)
            revoked = [line for line in lines if line.product_id in outcome.revoked]
            if not revoked:
                refund.state = "REFUSED"
                refund.outcome = encode(NotRefundable([RefusedLine(p, "PLAYED") for p in outcome.played]))
                return refund
            refund.state = "IN_PROGRESS"
            refund.amount = sum(line.points for line in revoked)
            await repository.remove_purchases(payment_id, payment.user_id, outcome.revoked)
            # A line that another refund has only reserved is not taken back yet.
            earlier = {one.id for one in (await refunds.of_payments([payment_id]))[payment_id]} - {refund_id}
            kept = [x for x in lines if x not in revoked and x.refund_id not in earlier]
            await repository.set_state([payment_id], "PARTIALLY_REFUNDED" if kept else "REFUNDED")
            await self._outbox.add(session, [_refunded_event(refund, revoked)])
        return refund


def _asked(lines: Sequence[PaymentLine], product_ids: Sequence[str] | None) -> Sequence[PaymentLine]:
    if product_ids is None:
        return lines
    wanted = set(product_ids)
    if not wanted:
        raise BadUserInput("productIds", "Name at least one product, or leave productIds out for all.")
    if wanted - {line.product_id for line in lines}:
        raise NotFound("The payment has no such product.")
    return [line for line in lines if line.product_id in wanted]


def _credit(refund: Refund) -> Posting:
    return Posting(
        user_id=refund.user_id,
        kind="REFUND",
        amount=refund.amount,
        reference=f"refund:{refund.id}",
        payment_id=refund.payment_id,
    )


def _refunded_event(refund: Refund, revoked: Sequence[PaymentLine]) -> PaymentRefunded:
    lines = [PaidLine(product_id=x.product_id, points=x.points, claim_id=x.claim_id) for x in revoked]
    return PaymentRefunded(refund_id=refund.id, payment_id=refund.payment_id, user_id=refund.user_id, lines=lines)
