"""Claims: one unit of a flash sale, held for one user for a while."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.stock import ClaimOffer, ClaimOfferRequest
from subgraphs.kit.batching import Batcher
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import InvalidState, NotFound
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.redis.rate_limit import RateLimiter
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.stock.claims.cache import ClaimCache
from subgraphs.stock.claims.cache_filler import CacheFiller
from subgraphs.stock.claims.domain import Attempt, Claim, ClaimBatch, ClaimOutcome, ClaimState, ClaimWithSale
from subgraphs.stock.claims.repository import TAKE_BACK_BATCH, ClaimRepository
from subgraphs.stock.claims.transitions import ClaimTransitions
from subgraphs.stock.sales.service import Sales
from subgraphs.stock.settings import StockSettings

ANSWERED = Counter(
    "steampunk_claims_answered_total", "Attempts to claim, by what answered them: the cache or SQL.", ["by"]
)


class Claims:
    """Claims units for users, gives units back, and reads claims."""

    def __init__(
        self,
        runtime: Runtime,
        config: StockSettings,
        sales: Sales,
        transitions: ClaimTransitions,
        cache: ClaimCache,
        cache_filler: CacheFiller,
    ) -> None:
        self._database = runtime.database
        self._inbox = runtime.inbox
        self._sales = sales
        self._transitions = transitions
        self._cache = cache
        self._cache_filler = cache_filler
        self._limit = RateLimiter(runtime.redis, "claim", config.claim_rate, config.claim_burst)
        self._lifetime = timedelta(seconds=config.claim_lifetime)
        self._by_cache, self._by_sql = ANSWERED.labels(by="cache"), ANSWERED.labels(by="sql")
        self._decisions: Batcher[Attempt, ClaimOutcome] = Batcher("claim", self._decide, runtime.settings.batch_size)

    async def claim(self, viewer: Viewer, sale_id: str) -> ClaimOutcome:
        """A unit of a sale, or the claim that the viewer has on it already. Raises NotFound, RateLimited."""
        await self._limit.take(viewer.id)
        attempt = Attempt(sale_id, viewer.id)
        outcome = await self._cache.answer(attempt)
        if outcome is None:
            return await self._decisions(attempt)
        self._by_cache.inc()
        return outcome

    async def _decide(self, attempts: list[Attempt]) -> Sequence[ClaimOutcome | Exception]:
        """Checks the cache again, since the attempts have waited for their batch; SQL decides the rest."""
        answers = await self._cache.answers(attempts)
        rest = [attempt for attempt, answer in zip(attempts, answers, strict=True) if answer is None]
        self._by_cache.inc(len(attempts) - len(rest))
        self._by_sql.inc(len(rest))
        decided = iter(await self._decide_in_sql(rest) if rest else [])
        return [next(decided) if answer is None else answer for answer in answers]

    @retry_on_conflict
    async def _decide_in_sql(self, attempts: list[Attempt]) -> Sequence[ClaimOutcome | Exception]:
        """Decides a batch in order of arrival, in one transaction: three statements if somebody wins, else one.

        Lapsed claims that are in the way are ended first, with four more.
        """
        async with self._database.transaction() as session:
            claims = ClaimRepository(session)
            batch = ClaimBatch(await claims.lock_sales(attempts), self._lifetime, new_id)
            if batch.needs_lapsed(attempts):
                others = await claims.lapsed(batch.sale_ids)
                batch.give_back(await self._end_lapsed(session, batch.lapsed | others.keys()))
            outcomes = [batch.decide(attempt) for attempt in attempts]
            await claims.add(batch.won)
            await self._sales.move(session, batch.movements)
        await failpoint("claim: committed")
        await self._cache.add(outcome.claim for outcome in outcomes if isinstance(outcome, ClaimWithSale))
        self._cache_filler.fill_soon(batch.sale_ids)
        return outcomes

    # ---- giving units back

    async def release(self, viewer: Viewer, claim_id: str) -> ClaimWithSale:
        """Gives up the viewer's claim. Raises NotFound, InvalidState, Unavailable."""
        found = (await self._read([claim_id])).get(claim_id)
        if found is None or found.claim.user_id != viewer.id:
            raise NotFound("You have no such claim.")
        if found.claim.follows_payment:
            await self._inbox.catch_up(viewer.id)
        return await self._release(found)

    @retry_on_conflict
    async def _release(self, found: ClaimWithSale) -> ClaimWithSale:
        async with self._database.transaction() as session:
            sale = (await self._sales.lock(session, [found.sale.id]))[found.sale.id]
            claim = (await ClaimRepository(session).lock([found.claim.id]))[found.claim.id]
            if not claim.is_free:
                raise InvalidState("Only a claim that is HELD and in no payment can be released.")
            await self._transitions.end(session, [claim], ClaimState.RELEASED)
        return ClaimWithSale(
            claim=replace(claim, stored_state=ClaimState.RELEASED),
            sale=replace(sale, remaining=sale.remaining + 1),
        )

    async def take_back(self) -> None:
        """Ends all lapsed claims. Each unit is given back once, whichever process does it."""
        while True:
            async with self._database.reading() as session:
                lapsed = await ClaimRepository(session).lapsed()
            if lapsed:
                await self._take_back(lapsed)
            if len(lapsed) < TAKE_BACK_BATCH:
                return

    @retry_on_conflict
    async def _take_back(self, lapsed: dict[str, str]) -> None:
        async with self._database.transaction() as session:
            await self._sales.lock(session, set(lapsed.values()))
            await self._end_lapsed(session, lapsed.keys())

    async def _end_lapsed(self, session: AsyncSession, ids: Collection[str]) -> list[Claim]:
        """Ends those of the claims that are still lapsed. Their sales are locked."""
        if not ids:
            return []
        lapsed = await ClaimRepository(session).lock_lapsed(ids)
        await self._transitions.end(session, lapsed, ClaimState.EXPIRED)
        return lapsed

    # ---- reading

    async def by_ids(self, ids: list[str]) -> list[ClaimWithSale | None]:
        found = await self._read(ids)
        if await self._caught_up(found.values()):
            found = await self._read(ids)
        return [found.get(claim_id) for claim_id in ids]

    async def _read(self, ids: Collection[str]) -> dict[str, ClaimWithSale]:
        async with self._database.reading() as session:
            return await ClaimRepository(session).by_ids(ids)

    async def live_of(self, sale_ids: list[str], viewer: Viewer) -> list[ClaimWithSale | None]:
        """The viewer's live claim on each sale, in order; None where the viewer has none."""
        found = await self._live_of(sale_ids, viewer)
        if await self._caught_up(found.values()):
            found = await self._live_of(sale_ids, viewer)
        live = {sale_id: one for sale_id, one in found.items() if one.claim.is_live}
        return [live.get(sale_id) for sale_id in sale_ids]

    async def _live_of(self, sale_ids: list[str], viewer: Viewer) -> dict[str, ClaimWithSale]:
        async with self._database.reading() as session:
            return await ClaimRepository(session).live_of(viewer.id, sale_ids)

    async def page(self, user_id: str, page_request: PageRequest) -> Page[ClaimWithSale]:
        """A user's claims, newest first."""
        page = await self._page(user_id, page_request)
        if await self._caught_up(page.rows):
            page = await self._page(user_id, page_request)
        return page

    async def _page(self, user_id: str, page_request: PageRequest) -> Page[ClaimWithSale]:
        async with self._database.reading() as session:
            return await ClaimRepository(session).page(user_id, page_request)

    async def _caught_up(self, found: Iterable[ClaimWithSale]) -> bool:
        """Catches up with the users whose claims follow payments. Whether there were any: then read again."""
        users = _followers(found)
        await self._inbox.catch_up_if_possible(*users)
        return bool(users)

    async def count(self, user_id: str) -> int:
        async with self._database.reading() as session:
            return await ClaimRepository(session).count(user_id)

    async def offers(self, requests: list[ClaimOfferRequest]) -> list[ClaimOffer]:
        """What claims buy, and at what price. Raises Unavailable."""
        ids = {request.claim_id for request in requests}
        found = await self._read(ids)
        if users := _followers(found.values()):
            await self._inbox.catch_up(*users)
            found = await self._read(ids)
        return [_offer(request, found.get(request.claim_id)) for request in requests]


def _followers(found: Iterable[ClaimWithSale]) -> set[str]:
    """The users whose claims follow payments."""
    return {one.claim.user_id for one in found if one.claim.follows_payment}


def _offer(request: ClaimOfferRequest, found: ClaimWithSale | None) -> ClaimOffer:
    if found is None or found.claim.user_id != request.user_id:
        return ClaimOffer(claim_id=request.claim_id, found=False)
    return ClaimOffer(
        claim_id=found.claim.id,
        found=True,
        live=found.claim.is_free,
        product_id=found.sale.product_id,
        points=found.sale.points,
    )
