"""Checkouts: begun by a client's request, driven to their end, and swept up when left unfinished."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from subgraphs.kit.batching import Batcher
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.due_work import Work
from subgraphs.kit.errors import IdempotencyConflict, Unavailable
from subgraphs.kit.idempotency import checked_key
from subgraphs.kit.input_check import InputCheck
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.payment.checkouts.domain import (
    Checkout,
    CheckoutKind,
    CheckoutRequest,
    CheckoutResult,
    CheckoutStep,
    PriceChanged,
    Refused,
    StartResult,
    Succeeded,
    check_cart,
    check_ids,
)
from subgraphs.payment.checkouts.repository import OLDEST_UNFINISHED, SOME_ARE_UNFINISHED, CheckoutRepository
from subgraphs.payment.checkouts.saga import CheckoutSaga, Saga
from subgraphs.payment.payments.charging import Charging
from subgraphs.payment.payments.domain import InsufficientPoints
from subgraphs.payment.payments.service import Payments
from subgraphs.payment.settings import PaymentSettings

SWEEP_BATCH = 100


@dataclass(frozen=True)
class KeyedRequest:
    """A user's request, with the hash of its idempotency key."""

    user_id: str
    key: str
    request: CheckoutRequest


class Checkouts:
    """Leads orders to their payments."""

    def __init__(self, runtime: Runtime, config: PaymentSettings, payments: Payments, charging: Charging) -> None:
        self._database = runtime.database
        self._payments = payments
        self._saga = CheckoutSaga(runtime, config, payments, charging)
        self._overdue = timedelta(seconds=config.checkout_overdue)
        self._running: Batcher[KeyedRequest, CheckoutResult] = Batcher(
            "checkout", self._run, runtime.settings.batch_size
        )
        self.oldest_unfinished = OLDEST_UNFINISHED
        self.work = (Work("sweep checkouts", SOME_ARE_UNFINISHED, self.sweep),)

    async def start(self, viewer: Viewer, order_id: str, key: str) -> StartResult:
        """Opens the payment of a placed order: READY, with its units held. The same key opens one payment.

        Raises BadUserInput, NotFound, InvalidState, IdempotencyConflict, and Unavailable as `checkout` does.
        """
        check_ids("order", [order_id])
        request = CheckoutRequest(kind=CheckoutKind.START, order_id=order_id)
        result = await self._running(KeyedRequest(viewer.id, checked_key(key), request))
        assert not isinstance(result, InsufficientPoints | PriceChanged)  # a start charges nothing
        return result

    async def checkout(
        self,
        viewer: Viewer,
        product_ids: Sequence[str],
        claim_ids: Sequence[str],
        expected_total: int | None,
        key: str,
    ) -> CheckoutResult:
        """Order, hold and payment in one, all or nothing. The same key buys once, and returns the same result again.

        Raises BadUserInput, LimitExceeded, NotFound, InvalidState, IdempotencyConflict, and Unavailable while the
        outcome is unknown: the same request may be sent again.
        """
        with InputCheck() as check:
            with check.part():
                check_cart(product_ids, claim_ids)
            key_hash = check.value(checked_key, key)
        request = CheckoutRequest(
            kind=CheckoutKind.CHECKOUT,
            product_ids=tuple(sorted(product_ids)),
            claim_ids=tuple(sorted(claim_ids)),
            expected_total=expected_total,
        )
        return await self._running(KeyedRequest(viewer.id, key_hash, request))

    async def sweep(self) -> None:
        """Resumes checkouts that a crash, or a peer that did not answer, has left unfinished."""
        async with self._database.transaction() as session:
            overdue = await CheckoutRepository(session).take_overdue(self._overdue, SWEEP_BATCH)
        await self._drive(overdue)

    async def _run(self, batch: list[KeyedRequest]) -> Sequence[CheckoutResult | Exception]:
        stored = await self._begin(batch)
        pairs = [(one, stored[one.user_id, one.key]) for one in batch]
        driven = {checkout.id: checkout for one, checkout in pairs if _is_of(checkout, one)}
        results = await self._drive(list(driven.values()))
        return [results[checkout.id] if _is_of(checkout, one) else IdempotencyConflict() for one, checkout in pairs]

    @retry_on_conflict
    async def _begin(self, batch: list[KeyedRequest]) -> dict[tuple[str, str], Checkout]:
        """The checkouts by (user id, key): new ones, and those that the same key began before."""
        async with self._database.transaction() as session:
            repository = CheckoutRepository(session)
            now = await repository.now()
            new = [_new_checkout(one, now) for one in batch]
            stored = await repository.add_missing(new)
            new_ids = {checkout.id for checkout in new}
            found = [one.id for one in stored.values() if one.id not in new_ids and one.outcome is None]
            resumed = await repository.resume(found, now)
        return {key: resumed.get(one.id, one) for key, one in stored.items()}

    async def _drive(self, checkouts: Sequence[Checkout]) -> dict[str, CheckoutResult | Exception]:
        """Drives checkouts; returns the results by id, Unavailable for one whose end is not known yet."""
        sagas = [Saga(checkout) for checkout in checkouts]
        results: dict[str, CheckoutResult | Exception] = {}
        try:
            await self._saga.drive(sagas)
        except Unavailable as error:
            results = {saga.id: error for saga in sagas}
        done = [saga.id for saga in sagas if saga.checkout.step is CheckoutStep.DONE]
        payments = await self._payments.by_ids(done) if done else []
        results |= {payment.id: payment for payment in payments if payment is not None}
        failed = [saga.checkout for saga in sagas if saga.checkout.step is CheckoutStep.FAILED]
        return results | {checkout.id: _failure(checkout) for checkout in failed}


def _new_checkout(asked: KeyedRequest, now: datetime) -> Checkout:
    return Checkout(
        id=new_id(),
        user_id=asked.user_id,
        key=asked.key,
        request_hash=asked.request.hash,
        order_id=asked.request.order_id or new_id(),
        request=asked.request,
        step=CheckoutStep.PLACING,
        outcome=None,
        started_at=now,
        touched_at=now,
    )


def _is_of(checkout: Checkout, asked: KeyedRequest) -> bool:
    """Whether a checkout was begun by this request, and not by another one with the same key."""
    return checkout.request_hash == asked.request.hash


def _failure(checkout: Checkout) -> CheckoutResult | Exception:
    """What the client of a failed checkout gets."""
    outcome = checkout.outcome
    assert outcome is not None
    assert not isinstance(outcome, Succeeded)
    return outcome.error() if isinstance(outcome, Refused) else outcome
