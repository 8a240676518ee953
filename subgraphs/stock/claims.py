"""The rules of claims: one unit of a flash sale, held for one user for a while."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from subgraphs.contracts.stock import ClaimOffer, ClaimOfferRequest
from subgraphs.kit.auth import Viewer
from subgraphs.kit.batching import Batcher
from subgraphs.kit.columns import new_id
from subgraphs.kit.database import retry_on_conflict
from subgraphs.kit.errors import InvalidState, NotFound
from subgraphs.kit.paging import Page, Window
from subgraphs.kit.runtime import Runtime
from subgraphs.stock.claim_repository import TAKE_BACK_BATCH, Attempt, ClaimRepository
from subgraphs.stock.domain import ClaimOutcome, ClaimState, ClaimView, Sale, SaleNotActive, Shifts, SoldOut
from subgraphs.stock.sale_repository import SaleRepository
from subgraphs.stock.settings import StockSettings


class Claims:
    """Claiming, releasing, and taking back what was neither bought nor released in time.

    A claim is good until `expires_at`, whether its sale has ended or was cancelled meanwhile.
    """

    def __init__(self, runtime: Runtime, config: StockSettings) -> None:
        self._database = runtime.database
        self._lifetime = timedelta(seconds=config.claim_lifetime)
        self._decisions: Batcher[Attempt, ClaimOutcome] = Batcher(
            "claim", self._decide, runtime.settings.batch_size
        )

    async def claim(self, user_id: str, sale_id: str) -> ClaimOutcome:
        """A unit of a sale, or the claim that the user has on it already. Raises NotFound."""
        return await self._decisions(Attempt(sale_id, user_id))

    async def release(self, viewer: Viewer, claim_id: str) -> ClaimView:
        """Gives the viewer's claim up. Raises NotFound, InvalidState."""
        claim = (await self.by_ids([claim_id]))[0]
        if claim is None or claim.user_id != viewer.id:
            raise NotFound("You have no such claim.")
        return await self._release(claim)

    async def by_ids(self, ids: list[str]) -> list[ClaimView | None]:
        async with self._database.reading() as session:
            claims = await ClaimRepository(session).claims(ids)
        return [claims.get(claim_id) for claim_id in ids]

    async def page(self, user_id: str, window: Window) -> Page[ClaimView]:
        """A user's claims, the newest first."""
        async with self._database.reading() as session:
            return await ClaimRepository(session).page(user_id, window)

    async def count(self, user_id: str) -> int:
        async with self._database.reading() as session:
            return await ClaimRepository(session).count(user_id)

    async def offers(self, requests: list[ClaimOfferRequest]) -> list[ClaimOffer]:
        """What claims buy, and at what price."""
        claims = await self.by_ids([request.claim_id for request in requests])
        return [_offer(request, claim) for request, claim in zip(requests, claims, strict=True)]

    async def take_back(self) -> None:
        """Ends the claims whose time is over; each gives its unit back once, whichever process does it."""
        while True:
            async with self._database.reading() as session:
                lapsed = await ClaimRepository(session).lapsed()
            if lapsed:
                await self._take_back(lapsed)
            if len(lapsed) < TAKE_BACK_BATCH:
                return

    # ---- parts

    @retry_on_conflict
    async def _decide(self, attempts: list[Attempt]) -> Sequence[ClaimOutcome | Exception]:
        """Decides a batch in order of arrival, in one transaction."""
        async with self._database.transaction() as session:
            repository, shifts = ClaimRepository(session), Shifts()
            sales, live = await repository.lock_for(attempts)
            due = [claim for claim in live.values() if claim.state is ClaimState.EXPIRED]
            if due or _wanted(attempts, sales, live) :
                freed = await _end_lapsed(repository, {claim.id for claim in due}, list(sales))
            ...
        return []

    @retry_on_conflict
    async def _release(self, claim: ClaimView) -> ClaimView:
        async with self._database.transaction() as session:
            await SaleRepository(session).lock_sales([claim.sale_id])
            repository, shifts = ClaimRepository(session), Shifts()
            locked = (await repository.lock_claims([claim.id]))[claim.id]
            if not locked.is_live:
                raise InvalidState(_why_not(locked))
            await repository.end([claim.id], "RELEASED")
            shifts.move(claim.sale_id, "held", "remaining")
            await SaleRepository(session).shift(shifts)
            return replace(locked, stored_state="RELEASED")
