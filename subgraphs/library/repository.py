"""The library subgraph's SQL."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, case, func, insert, select, update

from subgraphs.kit.database.database import insert_missing
from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.library import models
from subgraphs.library.domain import Game, Line, Play

GAME = table_of(models.Game)
PLAY = table_of(models.Play)

OWNED_KEYS = select(GAME.c.live_key).where(GAME.c.live_key.in_(bindparam("keys", expanding=True)))

NEWEST_GAMES = [SortKey(models.Game.id.expression, lambda game: game.id, descending=True)]
NEWEST_PLAYS = [SortKey(models.Play.id.expression, lambda play: play.id, descending=True)]


class LibraryRepository(Repository):
    """Games and plays.

    Lock order: games, by primary key (play) or by payment and product ascending (revoke); then plays.
    """

    # ---- games

    async def owned_keys(self, keys: Collection[str]) -> set[str]:
        """Those live keys that stand for an owned game."""
        return set(await self._session.scalars(OWNED_KEYS, {"keys": list(keys)}))

    async def games_page(self, user_id: str, page_request: PageRequest) -> Page[Game]:
        """Owned games, the newest first."""
        query = select(GAME).where(GAME.c.user_id == user_id, GAME.c.revoked_by.is_(None))
        rows = await self._session.execute(paginate(query, NEWEST_GAMES, page_request))
        return page_of([_game(row) for row in rows], NEWEST_GAMES, page_request)

    async def count_games(self, user_id: str) -> int:
        query = select(func.count(models.Game.id))
        query = query.where(models.Game.user_id == user_id, models.Game.revoked_by.is_(None))
        return await self._session.scalar(query) or 0

    async def lock_owned(self, key: str) -> Game | None:
        """The owned game with this live key, locked.

        Find it first, then lock it by its primary key: a lock by way of the live key's index would be taken
        in the opposite order to that of a revocation, which changes this index.
        """
        game_id = await self._session.scalar(select(models.Game.id).where(models.Game.live_key == key))
        row = (await self._session.execute(select(GAME).where(GAME.c.id == game_id).with_for_update())).one_or_none()
        game = None if row is None else _game(row)
        # Compare again: it may have been revoked in between, and MySQL ignores trailing spaces.
        return game if game is not None and game.live_key == key else None

    async def lock_lines(self, lines: Collection[Line]) -> dict[Line, Game]:
        """The games of these lines, locked. Other games of the same payments may be locked with them."""
        payments, products = {line.payment_id for line in lines}, {line.product_id for line in lines}
        rows = await self._session.execute(
            select(GAME)
            .where(GAME.c.payment_id.in_(sorted(payments)), GAME.c.product_id.in_(sorted(products)))
            .order_by(GAME.c.payment_id, GAME.c.product_id)
            .with_for_update()
        )
        games = {game.line: game for game in map(_game, rows)}
        return {line: games[line] for line in lines if line in games}

    async def add_missing_games(self, games: Sequence[Game]) -> None:
        """Adds games, except those whose line or live key is there already."""
        rows = [vars(game) | {"live_key": game.live_key} for game in games]
        await insert_missing(self._session, models.Game, rows)

    async def revoke(self, refunds: Mapping[str, str]) -> None:
        """Revokes games (by id), each for its refund."""
        if not refunds:
            return
        await self._session.execute(
            update(GAME)
            .where(GAME.c.id.in_(refunds))
            .values(revoked_by=case(dict(refunds), value=GAME.c.id), live_key=None)
        )

    # ---- plays

    async def add_play(self, play: Play) -> None:
        """Adds a play, and counts it in its game."""
        await self._session.execute(insert(PLAY).values(vars(play)))
        await self._session.execute(
            update(GAME)
            .where(GAME.c.id == play.game_id)
            .values(play_count=GAME.c.play_count + 1, last_played_at=play.played_at)
        )

    async def plays_page(self, user_id: str, page_request: PageRequest) -> Page[Play]:
        """Plays, the newest first."""
        query = select(PLAY).where(PLAY.c.user_id == user_id)
        rows = await self._session.execute(paginate(query, NEWEST_PLAYS, page_request))
        return page_of([_play(row) for row in rows], NEWEST_PLAYS, page_request)

    async def count_plays(self, user_id: str) -> int:
        query = select(func.count(models.Play.id)).where(models.Play.user_id == user_id)
        return await self._session.scalar(query) or 0


def _game(row: Any) -> Game:
    return Game(
        id=row.id,
        user_id=row.user_id,
        product_id=row.product_id,
        payment_id=row.payment_id,
        acquired_at=row.acquired_at,
        play_count=row.play_count,
        last_played_at=row.last_played_at,
        revoked_by=row.revoked_by,
    )


def _play(row: Any) -> Play:
    return Play(
        id=row.id,
        user_id=row.user_id,
        product_id=row.product_id,
        game_id=row.game_id,
        played_at=row.played_at,
    )
