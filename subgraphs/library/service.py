"""The library's rules: what a user owns and may play, and what a refund takes back."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.library import OwnedOutcome, OwnedRequest, RevokeOutcome, RevokeRequest
from subgraphs.contracts.payment import PaymentPaid
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import Unavailable
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.library.domain import Game, Line, NotOwned, Play, decide_revocations, live_key
from subgraphs.library.repository import LibraryRepository


class LibraryService:
    """Owned games and plays."""

    def __init__(self, runtime: Runtime) -> None:
        self._database = runtime.database
        self._inbox = runtime.inbox

    # ---- reading

    async def games_page(self, viewer: Viewer, user_id: str, page_request: PageRequest) -> Page[Game]:
        """The games that a user owns, the newest first. The viewer's own are never behind the viewer's payments."""
        if viewer.id == user_id:
            await self._inbox.catch_up_if_possible(user_id)
        async with self._database.reading() as session:
            return await LibraryRepository(session).games_page(user_id, page_request)

    async def count_games(self, user_id: str) -> int:
        async with self._database.reading() as session:
            return await LibraryRepository(session).count_games(user_id)

    async def plays_page(self, user_id: str, page_request: PageRequest) -> Page[Play]:
        """A user's plays, the newest first."""
        async with self._database.reading() as session:
            return await LibraryRepository(session).plays_page(user_id, page_request)

    async def count_plays(self, user_id: str) -> int:
        async with self._database.reading() as session:
            return await LibraryRepository(session).count_plays(user_id)

    async def are_owned(self, product_ids: list[str], viewer: Viewer) -> list[bool | Unavailable]:
        """Whether the viewer owns each product. Unavailable for what the viewer may just have paid for."""
        otherwise: bool | Unavailable = False
        try:
            await self._inbox.catch_up(viewer.id)
        except Unavailable as error:
            otherwise = error
        keys = [live_key(viewer.id, product) for product in product_ids]
        async with self._database.reading() as session:
            owned = await LibraryRepository(session).owned_keys(keys)
        return [key in owned or otherwise for key in keys]

    # ---- playing

    async def play(self, viewer: Viewer, product_id: str) -> Play | NotOwned:
        """Records a play. From then on the game cannot be refunded: a refund locks the same row. Raises Unavailable."""
        outcome = await self._play(viewer, product_id)
        if isinstance(outcome, NotOwned):
            await self._inbox.catch_up(viewer.id)
            outcome = await self._play(viewer, product_id)
        return outcome

    @retry_on_conflict
    async def _play(self, viewer: Viewer, product_id: str) -> Play | NotOwned:
        async with self._database.transaction() as session:
            repository = LibraryRepository(session)
            game = await repository.lock_owned(live_key(viewer.id, product_id))
            if game is None:
                return NotOwned(product_id)
            play = game.play(new_id(), await repository.now())
            await repository.add_play(play)
            return play

    # ---- commands

    async def owned_products(self, requests: list[OwnedRequest]) -> list[OwnedOutcome]:
        """The requested products that each user owns. Raises Unavailable where an answer must be fresh."""
        await self._inbox.catch_up(*[request.user_id for request in requests if request.fresh])
        keys = {live_key(request.user_id, product) for request in requests for product in request.product_ids}
        async with self._database.reading() as session:
            owned = await LibraryRepository(session).owned_keys(keys)
        return [
            OwnedOutcome([product for product in request.product_ids if live_key(request.user_id, product) in owned])
            for request in requests
        ]

    @retry_on_conflict
    async def revoke_games(self, requests: list[RevokeRequest]) -> list[RevokeOutcome]:
        """Revokes unplayed games for refunds; see `domain.decide_revocations`."""
        lines = {Line(request.payment_id, product) for request in requests for product in request.product_ids}
        async with self._database.transaction() as session:
            repository = LibraryRepository(session)
            games = await repository.lock_lines(lines)
            if len(games) < len(lines):
                await self._add_ungranted(repository, requests, games)
                games = await repository.lock_lines(lines)
            revocations = decide_revocations(requests, games)
            await repository.revoke(revocations.refunds)
            return revocations.outcomes

    async def _add_ungranted(
        self, repository: LibraryRepository, requests: list[RevokeRequest], granted: Collection[Line]
    ) -> None:
        """Adds the games that were not granted yet, already revoked: their grant will change nothing."""
        now = await repository.now()
        await repository.add_missing_games(
            [
                Game(
                    id=new_id(),
                    user_id=request.user_id,
                    product_id=product,
                    payment_id=request.payment_id,
                    acquired_at=now,
                    revoked_by=request.refund_id,
                )
                for request in requests
                for product in request.product_ids
                if Line(request.payment_id, product) not in granted
            ]
        )

    # ---- events

    async def apply_paid(self, session: AsyncSession, events: list[PaymentPaid]) -> None:
        """Grants the paid games to their buyers."""
        await LibraryRepository(session).add_missing_games(
            [
                Game(
                    id=new_id(),
                    user_id=event.user_id,
                    product_id=line.product_id,
                    payment_id=event.payment_id,
                    acquired_at=event.paid_at,
                )
                for event in events
                for line in event.lines
            ]
        )
