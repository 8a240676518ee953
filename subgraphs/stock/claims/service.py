"""The rules of claims: one unit of a flash sale, held for one user for a while."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.stock import ClaimOffer, ClaimOfferRequest
from subgraphs.kit.batching import Batcher
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import InvalidState, NotFound
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.redis.rate_limit import RateLimiter
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.stock.claims.batch import ClaimBatch
from subgraphs.stock.claims.cache import ClaimCache
from subgraphs.stock.claims.cache_filler import CacheFiller
from subgraphs.stock.claims.repository import TAKE_BACK_BATCH, Attempt, ClaimRepository
from subgraphs.stock.domain import ClaimOutcome, ClaimRow, ClaimView, StockMovements
from subgraphs.stock.sales.repository import SaleRepository
from subgraphs.stock.settings import StockSettings

ANSWERED = Counter("steampunk_claims_answered_total", "Attempts to claim, by what answered them.", ["by"])


class Claims:
    """Claiming, releasing, and taking back what was neither bought nor released in time.

    A claim is good until `expires_at`, even where its sale ends or is cancelled before.
    """

    def __init__(self, runtime: Runtime, config: StockSettings, board: ClaimCache, keeper: CacheFiller) -> None:
        self._database = runtime.database
        self._board = board
        self._keeper = keeper
        self._limit = RateLimiter(runtime.redis, "claim", config.claim_rate, config.claim_burst)
        self._lifetime = timedelta(seconds=config.claim_lifetime)
        self._decisions: Batcher[Attempt, ClaimOutcome] = Batcher(
            "claim", self._decide_rest, runtime.settings.batch_size
        )

    async def claim(self, viewer: Viewer, sale_id: str) -> ClaimOutcome:
        """A unit of a sale, or the claim that the viewer has on it already. Raises NotFound, RateLimited."""
        await self._limit.take(viewer.id)
        attempt = Attempt(sale_id, viewer.id)
        outcome = await self._board.answer(attempt)
        if outcome is None:
            return await self._decisions(attempt)
        ANSWERED.labels(by="board").inc()
        return outcome

    @retry_on_conflict
    async def release(self, viewer: Viewer, claim_id: str) -> ClaimView:
        """Gives the viewer's claim up. Raises NotFound, InvalidState."""
        claim = (await self.by_ids([claim_id]))[0]
        if claim is None or claim.user_id != viewer.id:
            raise NotFound("You have no such claim.")
        async with self._database.transaction() as session:
            claims, sales = ClaimRepository(session), SaleRepository(session)
            sale = (await sales.lock_sales([claim.sale_id]))[claim.sale_id]
            locked = (await claims.lock_claims([claim_id]))[claim_id]
            if not locked.is_free:
                raise InvalidState("Only a claim that is HELD and in no payment can be released.")
            await claims.end([claim_id], "RELEASED")
            await sales.shift(_given_back([locked]))
            await self._ending([locked])
        sale = replace(sale, remaining=sale.remaining + 1)
        return replace(claim, stored_state="RELEASED", sale=sale)

    async def take_back(self) -> None:
        """Ends the claims whose time is over; each gives its unit back once, whichever process does it."""
        while True:
            async with self._database.reading() as session:
                lapsed = await ClaimRepository(session).lapsed()
            if lapsed:
                await self._take_back(lapsed)
            if len(lapsed) < TAKE_BACK_BATCH:
                return

    # ---- reading

    async def by_ids(self, ids: list[str]) -> list[ClaimView | None]:
        async with self._database.reading() as session:
            claims = await ClaimRepository(session).claims(ids)
        return [claims.get(claim_id) for claim_id in ids]

    async def page(self, user_id: str, page_request: PageRequest) -> Page[ClaimView]:
        """A user's claims, the newest first."""
        async with self._database.reading() as session:
            return await ClaimRepository(session).page(user_id, page_request)

    async def count(self, user_id: str) -> int:
        async with self._database.reading() as session:
            return await ClaimRepository(session).count(user_id)

    async def offers(self, requests: list[ClaimOfferRequest]) -> list[ClaimOffer]:
        """What claims buy, and at what price."""
        claims = await self.by_ids([request.claim_id for request in requests])
        return [_offer(request, claim) for request, claim in zip(requests, claims, strict=True)]

    # ---- parts

    async def _decide_rest(self, attempts: list[Attempt]) -> Sequence[ClaimOutcome | Exception]:
        """Decides what the board cannot answer by now, when the batch is up that these have waited for."""
        answers = await self._board.answers(attempts)
        rest = [attempt for attempt, answer in zip(attempts, answers, strict=True) if answer is None]
        ANSWERED.labels(by="board").inc(len(attempts) - len(rest))
        ANSWERED.labels(by="sql").inc(len(rest))
        decided = iter(await self._decide(rest) if rest else [])
        return [next(decided) if answer is None else answer for answer in answers]

    @retry_on_conflict
    async def _decide(self, attempts: list[Attempt]) -> Sequence[ClaimOutcome | Exception]:
        """Decides a batch in order of arrival: in one transaction, with three statements while there are units
        and with one when there are none."""
        async with self._database.transaction() as session:
            claims, sales = ClaimRepository(session), SaleRepository(session)
            desk = ClaimBatch(*await claims.lock_for(attempts), self._lifetime)
            if desk.needs_lapsed(attempts):
                others = await claims.lapsed([attempt.sale_id for attempt in attempts])
                desk.give_back(await self._end_lapsed(session, desk.lapsed | others.keys()))
            outcomes = [desk.decide(attempt) for attempt in attempts]
            await claims.add(desk.won)
            await sales.shift(desk.shifts)
        await failpoint("claim: committed")
        await self._board.write(outcome for outcome in outcomes if isinstance(outcome, ClaimView))
        self._keeper.fill_soon(desk.sale_ids)
        return outcomes

    @retry_on_conflict
    async def _take_back(self, lapsed: dict[str, str]) -> None:
        async with self._database.transaction() as session:
            sales = SaleRepository(session)
            await sales.lock_sales(list(set(lapsed.values())))
            await sales.shift(_given_back(await self._end_lapsed(session, lapsed.keys())))

    async def _end_lapsed(self, session: AsyncSession, ids: Collection[str]) -> list[ClaimRow]:
        """Ends those of the claims whose time is over still; their sales are locked."""
        if not ids:
            return []
        claims = ClaimRepository(session)
        lapsed = await claims.lock_lapsed(ids)
        await claims.end([claim.id for claim in lapsed], "EXPIRED")
        await self._ending(lapsed)
        return lapsed

    async def _ending(self, claims: Sequence[ClaimRow]) -> None:
        await self._board.settle("ended", [(claim.sale_id, claim.user_id, claim.id) for claim in claims])


def _given_back(claims: Sequence[ClaimRow]) -> StockMovements:
    shifts = StockMovements()
    for claim in claims:
        shifts.move(claim.sale_id, "held", "remaining")
    return shifts


def _offer(request: ClaimOfferRequest, claim: ClaimView | None) -> ClaimOffer:
    if claim is None or claim.user_id != request.user_id:
        return ClaimOffer(claim_id=request.claim_id, found=False)
    return ClaimOffer(
        claim_id=claim.id,
        found=True,
        live=claim.is_free,
        sale_id=claim.sale_id,
        product_id=claim.sale.product_id,
        points=claim.sale.points,
    )
