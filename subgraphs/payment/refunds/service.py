"""Refunds: lines are reserved, revoked in the library, and paid back on settlement.

A small saga: the row is REVOKING until library has said which games were played. Played games are kept, the others are
given back: they can be bought again, their units return, and the points follow on settlement.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from subgraphs.contracts.library import REVOKE_GAMES, RevokeOutcome, RevokeRequest
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.due_work import Work
from subgraphs.kit.errors import IdempotencyConflict, NotFound
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.idempotency import checked_key, request_hash
from subgraphs.kit.input_check import InputCheck
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.payment.payments.service import Payments
from subgraphs.payment.refunds.domain import (
    NotRefundable,
    Refund,
    RefundState,
    check_products,
    refundable_lines,
    refunded_event,
    requested_lines,
    revoked_lines,
    state_after,
)
from subgraphs.payment.refunds.repository import OLDEST_REVOKING, SOME_ARE_DUE, SOME_ARE_REVOKING, RefundRepository
from subgraphs.payment.settings import PaymentSettings
from subgraphs.payment.wallets.service import Wallets

BATCH = 200


class Refunds:
    """The refunds of payments."""

    def __init__(self, runtime: Runtime, config: PaymentSettings, payments: Payments, wallets: Wallets) -> None:
        self._database = runtime.database
        self._peers = runtime.peers
        self._outbox = runtime.outbox
        self._payments = payments
        self._wallets = wallets
        self._window = timedelta(seconds=config.refund_window)
        self._delay = timedelta(seconds=config.settlement_delay)
        self._overdue = timedelta(seconds=config.checkout_overdue)
        self.oldest_unfinished = OLDEST_REVOKING
        self.work = (
            Work("sweep refunds", SOME_ARE_REVOKING, self.sweep),
            Work("settle refunds", SOME_ARE_DUE, self.settle),
        )

    # ---- reading

    async def by_payments(self, payment_ids: list[str]) -> list[list[Refund]]:
        """The refunds that took lines of each payment back, oldest first."""
        async with self._database.reading() as session:
            found = await RefundRepository(session).by_payments(payment_ids)
        return [found.get(payment_id, []) for payment_id in payment_ids]

    async def products(self, refund_ids: list[str]) -> list[list[str]]:
        """The product ids of each refund."""
        async with self._database.reading() as session:
            found = await RefundRepository(session).products(refund_ids)
        return [found.get(refund_id, []) for refund_id in refund_ids]

    # ---- refunding

    async def refund(
        self, viewer: Viewer, payment_id: str, product_ids: Sequence[str] | None, key: str
    ) -> Refund | NotRefundable:
        """Refunds those of the requested lines (None: all) that qualify; NotRefundable when none does.

        Raises NotFound, BadUserInput, IdempotencyConflict, and Unavailable when library does not answer: the
        refund is then resumed in the background, and the same request returns its result.
        """
        with InputCheck() as check:
            with check.part():
                check_products(product_ids)
            key_hash = check.value(checked_key, key)
        try:
            refund = await self._reserve(viewer, payment_id, product_ids, key_hash)
        except IntegrityError:  # the key was used for another payment at the same time
            raise IdempotencyConflict from None
        if isinstance(refund, NotRefundable):
            return refund
        await failpoint("refund: reserved")
        if refund.state is RefundState.REVOKING:
            refund = await self._revoke(refund)
        return refund.outcome or refund

    async def sweep(self) -> None:
        """Resumes refunds that were left REVOKING."""
        async with self._database.reading() as session:
            left = await RefundRepository(session).left_revoking(self._overdue, BATCH)
        for refund in left:
            await self._revoke(refund)

    @retry_on_conflict
    async def settle(self) -> None:
        """Pays back the refunds that are due."""
        async with self._database.transaction() as session:
            repository = RefundRepository(session)
            due = await repository.lock_due(BATCH)
            if not due:
                return
            now = await repository.now()
            balances = await self._wallets.lock(session, [refund.user_id for refund in due])
            await self._wallets.post(session, balances, [refund.posting for refund in due], now)
            await repository.complete([refund.id for refund in due], now)

    @retry_on_conflict
    async def _reserve(
        self, viewer: Viewer, payment_id: str, product_ids: Sequence[str] | None, key: str
    ) -> Refund | NotRefundable:
        """The refund that this key has begun before, or a new one with its lines reserved."""
        digest = request_hash(payment_id, sorted(product_ids) if product_ids is not None else None)
        async with self._database.transaction() as session:
            repository = RefundRepository(session)
            payment = await self._payments.lock(session, payment_id)
            if payment is None or payment.user_id != viewer.id:
                raise NotFound("You have no such payment.")
            before = await repository.by_key(viewer.id, key)
            if before is not None:
                if before.request_hash != digest:
                    raise IdempotencyConflict
                return before
            now = await repository.now()
            requested = requested_lines(await repository.lock_lines(payment_id), product_ids)
            lines = refundable_lines(payment, requested, self._window, now)
            if isinstance(lines, NotRefundable):
                return lines
            refund = Refund(
                id=new_id(),
                payment_id=payment_id,
                user_id=viewer.id,
                key=key,
                request_hash=digest,
                state=RefundState.REVOKING,
                amount=0,
                outcome=None,
                requested_at=now,
                settle_at=now + self._delay,
                completed_at=None,
            )
            await repository.add(refund)
            await repository.reserve_lines(refund, lines)
        return refund

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
        return await self._apply(refund, outcome)

    @retry_on_conflict
    async def _apply(self, revoking: Refund, outcome: RevokeOutcome) -> Refund:
        """Gives back what library has revoked. Idempotent: library's answer may come more than once."""
        async with self._database.transaction() as session:
            repository = RefundRepository(session)
            payment = await self._payments.lock(session, revoking.payment_id)
            assert payment is not None
            lines = await repository.lock_lines(payment.id)
            refund = await repository.lock(revoking.id)
            if refund.state is not RefundState.REVOKING:
                return refund
            revoked = revoked_lines(lines, refund, outcome)
            refund = refund.revoked(revoked, outcome.played)
            await repository.save(refund)
            if outcome.played:
                await repository.free_lines(refund, outcome.played)
            if revoked:
                earlier = {one.id for one in (await repository.by_payments([payment.id]))[payment.id]} - {refund.id}
                await self._payments.take_back(session, payment, outcome.revoked, state_after(lines, revoked, earlier))
                await self._outbox.add(session, [refunded_event(refund, revoked)])
        return refund
