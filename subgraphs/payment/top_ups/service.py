"""Top-ups: points for money. Each payment is credited once, even if the provider reports it again, or late.

A small saga: a row is stored as OPEN before the provider is asked to open the purchase, and as REFUNDING before it is
asked to return the money. The provider is asked about rows that stay in these states, since its messages may be lost.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

from subgraphs.kit import telemetry
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.due_work import Work
from subgraphs.kit.errors import IdempotencyConflict, InvalidState, NotFound, Unavailable
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.idempotency import checked_key
from subgraphs.kit.input_check import InputCheck
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.payment.payments.domain import InsufficientPoints
from subgraphs.payment.settings import PaymentSettings
from subgraphs.payment.top_ups.domain import Report, TopUp, TopUpState, after_report, pays_for
from subgraphs.payment.top_ups.provider import Provider, Sandbox
from subgraphs.payment.top_ups.repository import SOME_ARE_DUE, TopUpRepository
from subgraphs.payment.top_ups.stripe import Stripe
from subgraphs.payment.wallets.domain import check_room, checked_amount
from subgraphs.payment.wallets.service import Wallets

BATCH = 20


class TopUps:
    """Points that users buy from a provider."""

    def __init__(self, runtime: Runtime, config: PaymentSettings, wallets: Wallets) -> None:
        self._database = runtime.database
        self._wallets = wallets
        self._config = config
        self._first_pause = timedelta(seconds=config.top_up_overdue)
        self._provider = _provider(runtime, config)
        self.work = (Work("follow up top-ups", SOME_ARE_DUE, self.follow_up),)

    @property
    def provider(self) -> Provider:
        """Raises InvalidState where none is configured."""
        if self._provider is None:
            raise InvalidState("No provider that sells points is configured.")
        return self._provider

    async def visible(self, viewer: Viewer, top_up_id: str) -> TopUp | None:
        """The top-up, for its user and admins; else None."""
        async with self._database.reading() as session:
            top_up = (await TopUpRepository(session).by_ids([top_up_id])).get(top_up_id)
        return top_up if top_up and viewer.may_see(top_up.user_id) else None

    # ---- buying

    async def start(self, viewer: Viewer, points: int, key: str) -> TopUp:
        """Opens a purchase with the provider. The same key and points open one.

        Raises BadUserInput, InvalidState (no provider), IdempotencyConflict (same key, other points), LimitExceeded
        (the wallet would be too full), and Unavailable when the provider does not answer: try again with the same key.
        """
        with InputCheck() as check:
            points = check.value(self._checked_points, points)
            key_hash = check.value(checked_key, key)
        provider = self.provider
        [balance] = await self._wallets.balances([viewer.id])
        check_room(balance, points)
        top_up = await self._begin(viewer, points, key_hash)
        if top_up.state is not TopUpState.OPEN or top_up.session is not None:
            return top_up
        return await self._open(provider, top_up)

    def _checked_points(self, points: int) -> int:
        return checked_amount(points, self._config.top_up_minimum, "points")

    @retry_on_conflict
    async def _begin(self, viewer: Viewer, points: int, key: str) -> TopUp:
        async with self._database.transaction() as session:
            repository = TopUpRepository(session)
            now = await repository.now()
            new = TopUp(
                id=new_id(),
                user_id=viewer.id,
                key=key,
                points=points,
                price=self._config.price_of(points),
                currency=self._config.currency,
                state=TopUpState.OPEN,
                session=None,
                page_url=None,
                payment=None,
                created_at=now,
                credited_at=None,
            )
            stored = await repository.add_missing(new, now + self._first_pause)
        if stored.points != points:
            raise IdempotencyConflict
        return stored

    async def _open(self, provider: Provider, top_up: TopUp) -> TopUp:
        opened = await provider.open(top_up)
        await failpoint("top-up: opened")
        await self._remember(replace(top_up, session=opened.session, page_url=opened.page_url))
        return await self.apply(top_up.id, opened.report)

    @retry_on_conflict
    async def _remember(self, opened: TopUp) -> None:
        async with self._database.transaction() as session:
            repository = TopUpRepository(session)
            stored = await repository.lock(opened.id)
            if stored is not None and stored.session is None:
                await repository.save(replace(stored, session=opened.session, page_url=opened.page_url))

    # ---- what the provider reports

    @retry_on_conflict
    async def apply(self, top_up_id: str, report: Report) -> TopUp:
        """Applies a report of the provider. Raises NotFound for a top-up that this store does not know."""
        async with self._database.transaction() as session:
            repository = TopUpRepository(session)
            before = await repository.lock(top_up_id)
            if before is None:
                raise NotFound("There is no such top-up.")
            if not pays_for(report, before):
                telemetry.logger().warning("a top-up was paid with another amount", top_up=top_up_id, paid=report.price)
            balances = await self._wallets.lock(session, [before.user_id])
            now = await repository.now()
            after = after_report(before, report, balances[before.user_id], now)
            if after != before:
                await repository.save(after)
                if after.credited_at is not None:
                    await self._wallets.post(session, balances, [after.credit], now)
        return after

    async def follow_up(self) -> None:
        """Asks the provider about purchases that are open too long, and tells it again what to give back."""
        async with self._database.transaction() as session:
            due = await TopUpRepository(session).take_due(BATCH, self._first_pause)
        outcomes = await asyncio.gather(*[self._follow_up(top_up) for top_up in due], return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                telemetry.failed("follow up top-ups", outcome)

    async def _follow_up(self, top_up: TopUp) -> None:
        if top_up.state is TopUpState.REFUNDING:
            await self._give_back(top_up)
        elif top_up.session is None:
            await self._open(self.provider, top_up)
        else:
            await self.apply(top_up.id, await self.provider.ask(top_up))

    # ---- giving back

    async def refund(self, top_up_id: str) -> TopUp | InsufficientPoints:
        """Takes the points of a PAID top-up out of the wallet, and has the provider give the money back. Idempotent.

        It stays REFUNDING while the provider does not answer. Raises NotFound, and InvalidState for a top-up that was
        not paid.
        """
        outcome = await self._take_points(top_up_id)
        if isinstance(outcome, InsufficientPoints) or outcome.state is TopUpState.REFUNDED:
            return outcome
        await failpoint("top-up: points taken")
        try:
            return await self._give_back(outcome)
        except Unavailable:
            return outcome

    @retry_on_conflict
    async def _take_points(self, top_up_id: str) -> TopUp | InsufficientPoints:
        async with self._database.transaction() as session:
            repository = TopUpRepository(session)
            top_up = await repository.lock(top_up_id)
            if top_up is None:
                raise NotFound("There is no such top-up.")
            if top_up.state in (TopUpState.REFUNDING, TopUpState.REFUNDED):
                return top_up
            if top_up.state is not TopUpState.PAID:
                raise InvalidState("The top-up was not paid.")
            balances = await self._wallets.lock(session, [top_up.user_id])
            if balances[top_up.user_id] < top_up.points:
                return InsufficientPoints(required=top_up.points, balance=balances[top_up.user_id])
            refunding = replace(top_up, state=TopUpState.REFUNDING)
            await repository.save(refunding)
            await self._wallets.post(session, balances, [top_up.reversal], await repository.now())
        return refunding

    async def _give_back(self, top_up: TopUp) -> TopUp:
        await self.provider.give_back(top_up)
        await failpoint("top-up: given back")
        refunded = replace(top_up, state=TopUpState.REFUNDED)
        async with self._database.transaction() as session:
            await TopUpRepository(session).save(refunded)
        return refunded


def _provider(runtime: Runtime, config: PaymentSettings) -> Provider | None:
    match config.top_up_provider:
        case "sandbox":
            return Sandbox()
        case "stripe":
            return Stripe(config, runtime.http)
        case "none":
            return None
