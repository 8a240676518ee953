"""The checkout saga: place (or enter) the order, hold its units, charge it (or open its payment).

A row records each step before it is taken. Every step is idempotent by the row's id and works on lists, so
that any process can go on with what another has begun, from the first step; the same sagas may even be driven
twice at a time: the row, locked in the last step, decides. What failed for good is undone before the client
is told; what is unknown (a peer did not answer) stays where it is, for the client's repeat or the sweeper.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from subgraphs.kit.batching import Batcher
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import IdempotencyConflict, Unavailable
from subgraphs.kit.idempotency import checked_key, request_hash
from subgraphs.kit.runtime import Runtime
from subgraphs.payment.checkouts.domain import CheckoutOutcome, decode_checkout
from subgraphs.payment.checkouts.repository import CheckoutRepository
from subgraphs.payment.checkouts.saga import Saga
from subgraphs.payment.checkouts.steps import CheckoutSteps
from subgraphs.payment.models import Checkout
from subgraphs.payment.payments.repository import PaymentRepository, PaymentView
from subgraphs.payment.settings import PaymentSettings

SWEEP_BATCH = 100


class SagaRequest(msgspec.Struct, frozen=True):
    """What a client asked for; kept with the saga, since a restart takes it up from there."""

    kind: str
    order_id: str = ""
    product_ids: tuple[str, ...] = ()
    claim_ids: tuple[str, ...] = ()
    expected_total: int | None = None


@dataclass(frozen=True)
class Asked:
    user_id: str
    key: str
    request: SagaRequest


class Checkouts:
    def __init__(self, runtime: Runtime, config: PaymentSettings) -> None:
        self._database = runtime.database
        self._steps = CheckoutSteps(runtime, config)
        self._overdue = timedelta(seconds=config.checkout_overdue)
        self._running: Batcher[Asked, PaymentView | CheckoutOutcome] = Batcher(
            "checkout", self._run, runtime.settings.batch_size
        )

    async def run(self, user_id: str, key: str, request: SagaRequest) -> PaymentView | CheckoutOutcome:
        """Runs a saga to its end, or tells how it ended when its key was used before.

        Raises BadUserInput, IdempotencyConflict, and Unavailable when the outcome is not known yet: the same
        request with the same key may be sent again.
        """
        return await self._running(Asked(user_id, checked_key(key), request))

    async def sweep(self) -> None:
        """Goes on with sagas that a crash, or a peer that did not answer, has left behind."""
        async with self._database.transaction() as session:
            rows = await CheckoutRepository(session).take_overdue(self._overdue, SWEEP_BATCH)
        await self._drive(rows)

    async def _run(self, batch: list[Asked]) -> Sequence[PaymentView | CheckoutOutcome | Exception]:
        rows = await self._begin(batch)
        mine = {asked: rows[asked.user_id, asked.key] for asked in batch}
        valid = {row.id: row for asked, row in mine.items() if row.request_hash == request_hash(asked.request)}
        ended = await self._drive(list(valid.values()))
        return [ended[mine[asked].id] if mine[asked].id in valid else IdempotencyConflict() for asked in batch]

    @retry_on_conflict
    async def _begin(self, batch: list[Asked]) -> dict[tuple[str, str], Checkout]:
        """The rows by user and key."""
        async with self._database.transaction() as session:
            now = await PaymentRepository(session).now()
            rows = [
                {
                    "id": new_id(),
                    "user_id": asked.user_id,
                    "idempotency_key": asked.key,
                    "request_hash": request_hash(asked.request),
                    "kind": asked.request.kind,
                    "order_id": asked.request.order_id or new_id(),
                    "request": msgspec.json.encode(asked.request).decode(),
                    "step": "PLACING",
                    "started_at": now,
                    "touched_at": now,
                }
                for asked in batch
            ]
            return await CheckoutRepository(session).begin(rows)

    async def _drive(self, rows: Sequence[Checkout]) -> dict[str, PaymentView | CheckoutOutcome | Exception]:
        """Takes sagas to their ends; answers by id, Unavailable for one whose end is not known yet."""
        sagas = [_saga(row) for row in rows]
        try:
            await self._steps.take([saga for saga in sagas if saga.outcome is None])
            await self._steps.undo([saga for saga in sagas if saga.step == "UNDOING"])
        except Unavailable as error:
            unknown: dict[str, PaymentView | CheckoutOutcome | Exception] = {
                saga.id: error for saga in sagas if saga.step not in ("DONE", "FAILED")
            }
        else:
            unknown = {}
        return unknown | await self._answers([saga for saga in sagas if saga.id not in unknown])

    async def _answers(self, sagas: list[Saga]) -> dict[str, PaymentView | CheckoutOutcome | Exception]:
        done = [saga.id for saga in sagas if saga.step == "DONE"]
        answers: dict[str, PaymentView | CheckoutOutcome | Exception] = {}
        for saga in sagas:
            assert saga.outcome is not None
            answers[saga.id] = saga.outcome
        if done:
            async with self._database.reading() as session:
                answers |= await PaymentRepository(session).find(done)
        return answers


def _saga(row: Checkout) -> Saga:
    request = msgspec.json.decode(row.request, type=SagaRequest)
    return Saga(
        id=row.id,
        user_id=row.user_id,
        order_id=row.order_id,
        kind=row.kind,
        product_ids=list(request.product_ids),
        claim_ids=list(request.claim_ids),
        expected_total=request.expected_total,
        step=row.step,
        outcome=decode_checkout(row.outcome) if row.outcome else None,
    )
