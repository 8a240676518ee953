"""The library subgraph's SQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import case, func, select, update

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import insert_missing
from subgraphs.kit.database.repository import Repository
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.library.models import Game, Play, live_key

Line: TypeAlias = tuple[str, str]
"""A payment's id and the id of one of its products: what names a game."""

NEWEST_GAMES = [SortKey(Game.id.expression, lambda game: game.id, descending=True)]
NEWEST_PLAYS = [SortKey(Play.id.expression, lambda play: play.id, descending=True)]


class LibraryRepository(Repository):
    """Games that users have, and what they played.

    Lock order: games, by primary key (play) or by payment and product ascending (revoke); then plays.
    """

    # ---- games

    async def live(self, keys: Collection[str]) -> set[str | None]:
        """Those of the live keys that there is a game for."""
        return set(await self._session.scalars(select(Game.live_key).where(Game.live_key.in_(keys))))

    async def games_of(self, user_id: str, page_request: PageRequest) -> Page[Game]:
        query = select(Game).where(Game.user_id == user_id, Game.revoked_by.is_(None))
        rows = await self._session.scalars(paginate(query, NEWEST_GAMES, page_request))
        return page_of(rows.all(), NEWEST_GAMES, page_request)

    async def count_games_of(self, user_id: str) -> int:
        query = select(func.count(Game.id)).where(Game.user_id == user_id, Game.revoked_by.is_(None))
        return await self._session.scalar(query) or 0

    async def lock_live(self, key: str) -> Game | None:
        """The game of a live key, locked.

        Found first and locked by its primary key after: a lock through the live key's index would be taken
        in the opposite order to that of a revocation, which changes that index.
        """
        game_id = await self._session.scalar(select(Game.id).where(Game.live_key == key))
        game = await self._session.scalar(select(Game).where(Game.id == game_id).with_for_update())
        # Compared here: it may have been revoked between, and MySQL disregards spaces at the end.
        return game if game is not None and game.live_key == key else None

    async def lock_lines(self, lines: Collection[Line]) -> dict[Line, Game]:
        """The games of these lines, locked. (Others of the same payments and products may be locked too.)"""
        payments, products = {line[0] for line in lines}, {line[1] for line in lines}
        games = await self._session.scalars(
            select(Game)
            .where(Game.payment_id.in_(sorted(payments)), Game.product_id.in_(sorted(products)))
            .order_by(Game.payment_id, Game.product_id)
            .with_for_update()
        )
        found = {(game.payment_id, game.product_id): game for game in games}
        return {line: found[line] for line in lines if line in found}

    async def add_missing(self, games: Sequence[Mapping[str, Any]]) -> None:
        """Adds games, in one statement, but none whose line or live key is there already."""
        await insert_missing(self._session, Game, games)

    async def revoke(self, refunds: Mapping[str, str]) -> None:
        """Takes games (by id) out of their libraries, each for its refund."""
        if not refunds:
            return
        await self._session.execute(
            update(Game)
            .where(Game.id.in_(refunds))
            .values(revoked_by=case(dict(refunds), value=Game.id), live_key=None)
            .execution_options(synchronize_session=False)
        )

    # ---- plays

    def add_play(self, play: Play) -> None:
        self._session.add(play)

    async def plays_of(self, user_id: str, page_request: PageRequest) -> Page[Play]:
        query = paginate(select(Play).where(Play.user_id == user_id), NEWEST_PLAYS, page_request)
        return page_of((await self._session.scalars(query)).all(), NEWEST_PLAYS, page_request)

    async def count_plays_of(self, user_id: str) -> int:
        return await self._session.scalar(select(func.count(Play.id)).where(Play.user_id == user_id)) or 0


def granted(user_id: str, line: Line, paid_at: datetime) -> dict[str, Any]:
    """The row of a game that was paid for."""
    key = live_key(user_id, line[1])
    return _row(user_id, line, acquired_at=paid_at, revoked_by=None, live_key=key)


def revoked(user_id: str, line: Line, refund_id: str, now: datetime) -> dict[str, Any]:
    """The row of a game that was refunded before its grant came: the grant will find it and do nothing."""
    return _row(user_id, line, acquired_at=now, revoked_by=refund_id, live_key=None)


def _row(user_id: str, line: Line, **columns: Any) -> dict[str, Any]:
    payment_id, product_id = line
    return {
        "id": new_id(),
        "user_id": user_id,
        "payment_id": payment_id,
        "product_id": product_id,
        "play_count": 0,
        **columns,
    }
