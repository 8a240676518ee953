"""The rules of libraries: what is owned, what may be played, and what a refund takes back."""

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.library import OwnedOutcome, OwnedRequest, RevokeOutcome, RevokeRequest
from subgraphs.contracts.payment import PaymentPaid
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.runtime import Runtime
from subgraphs.library.models import Game, Play, live_key
from subgraphs.library.repository import LibraryRepository, Line, granted, revoked


class NotOwned:
    """The product is not in the user's library (any more)."""


class LibraryService:
    """Owned games and plays."""

    def __init__(self, runtime: Runtime) -> None:
        self._database = runtime.database

    # ---- what a user has

    async def library(self, user_id: str, page_request: PageRequest) -> Page[Game]:
        """A user's games, the newest first."""
        async with self._database.reading() as session:
            return await LibraryRepository(session).games_of(user_id, page_request)

    async def library_size(self, user_id: str) -> int:
        async with self._database.reading() as session:
            return await LibraryRepository(session).count_games_of(user_id)

    async def play_history(self, user_id: str, page_request: PageRequest) -> Page[Play]:
        """A user's plays, the newest first."""
        async with self._database.reading() as session:
            return await LibraryRepository(session).plays_of(user_id, page_request)

    async def play_count(self, user_id: str) -> int:
        async with self._database.reading() as session:
            return await LibraryRepository(session).count_plays_of(user_id)

    async def owned(self, keys: list[str]) -> list[bool]:
        """Whether each live key (see models.live_key) stands for an owned game."""
        async with self._database.reading() as session:
            live = await LibraryRepository(session).live(keys)
        return [key in live for key in keys]

    # ---- play

    @retry_on_conflict
    async def play(self, user_id: str, product_id: str) -> Play | NotOwned:
        """Records a play. The game's row is locked: it cannot be refunded meanwhile, nor after."""
        async with self._database.transaction() as session:
            repository = LibraryRepository(session)
            game = await repository.lock_live(live_key(user_id, product_id))
            if game is None:
                return NotOwned()
            now = await repository.now()
            game.play_count += 1
            game.last_played_at = now
            play = Play(id=new_id(), user_id=user_id, product_id=product_id, game_id=game.id, played_at=now)
            repository.add_play(play)
            return play

    # ---- steps

    async def owned_products(self, requests: list[OwnedRequest]) -> list[OwnedOutcome]:
        """What users own of the products asked for."""
        keys = {live_key(request.user_id, product) for request in requests for product in request.product_ids}
        async with self._database.reading() as session:
            live = await LibraryRepository(session).live(keys)
        return [
            OwnedOutcome([one for one in request.product_ids if live_key(request.user_id, one) in live])
            for request in requests
        ]

    @retry_on_conflict
    async def revoke_games(self, requests: list[RevokeRequest]) -> list[RevokeOutcome]:
        """Takes back what was not played. A game that another refund has taken is in neither of the lists."""
        lines = {(request.payment_id, product) for request in requests for product in request.product_ids}
        async with self._database.transaction() as session:
            repository = LibraryRepository(session)
            games = await repository.lock_lines(lines)
            if len(games) < len(lines):
                await self._revoke_ungranted(repository, requests, games)
                games = await repository.lock_lines(lines)
            taken = {line: game.revoked_by for line, game in games.items()}
            outcomes = [_revoke(request, games, taken) for request in requests]
            await repository.revoke(_newly(games, taken))
            return outcomes

    async def _revoke_ungranted(
        self, repository: LibraryRepository, requests: list[RevokeRequest], games: dict[Line, Game]
    ) -> None:
        now = await repository.now()
        await repository.add_missing(
            [
                revoked(request.user_id, (request.payment_id, product), request.refund_id, now)
                for request in requests
                for product in request.product_ids
                if (request.payment_id, product) not in games
            ]
        )

    # ---- events

    async def apply_paid(self, session: AsyncSession, events: list[PaymentPaid]) -> None:
        """Puts paid games into their buyers' libraries."""
        await LibraryRepository(session).add_missing(
            [
                granted(event.user_id, (event.payment_id, line.product_id), event.paid_at)
                for event in events
                for line in event.lines
            ]
        )


def _revoke(request: RevokeRequest, games: dict[Line, Game], taken: dict[Line, str | None]) -> RevokeOutcome:
    """What one refund gets; `taken` tells which refund has each line, and is updated."""
    outcome = RevokeOutcome(revoked=[], played=[])
    for product in dict.fromkeys(request.product_ids):
        line = (request.payment_id, product)
        if games[line].play_count:
            outcome.played.append(product)
            continue
        taken[line] = taken[line] or request.refund_id
        if taken[line] == request.refund_id:
            outcome.revoked.append(product)
    return outcome


def _newly(games: dict[Line, Game], taken: dict[Line, str | None]) -> dict[str, str]:
    """The games (by id) that are revoked now and were not before, each with its refund."""
    return {games[line].id: refund for line, refund in taken.items() if refund and games[line].revoked_by is None}
