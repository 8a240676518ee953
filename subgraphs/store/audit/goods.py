"""Libraries: what is owned, compared with what was paid."""

from collections.abc import AsyncIterator, Iterator

from sqlalchemy import and_, func, or_, select

from subgraphs.library.models import Game, Play
from subgraphs.store.audit.invariant import Finding, Invariant, SqlInvariant, When
from subgraphs.store.audit.lines import is_owed, is_paid, payment_lines
from subgraphs.store.audit.snapshots import AnyRow, Query, Snapshots, paired


class OwnedOnce(SqlInvariant):
    """A user has at most one active library line of a product."""

    subgraph, table = "library", Game

    def offenders(self) -> Iterator[Query]:
        live = select(Game.user_id, Game.product_id, func.count().label("lines"))
        live = live.where(Game.revoked_by.is_(None)).group_by(Game.user_id, Game.product_id)
        yield live.having(func.count() > 1)
        game = select(Game.id, Game.user_id, Game.product_id, Game.revoked_by, Game.live_key)
        yield game.where(Game.revoked_by.is_(None) != Game.live_key.is_not(None))


class PlayedIsKept(SqlInvariant):
    """A game that was played was not taken back, and counts its plays."""

    subgraph, table = "library", Game

    def offenders(self) -> Iterator[Query]:
        counts = select(Play.game_id, func.count().label("plays")).group_by(Play.game_id).subquery()
        games = select(Game.id, Game.user_id, Game.product_id, Game.revoked_by, Game.play_count)
        games = games.outerjoin(counts, counts.c.game_id == Game.id)
        played_and_revoked = and_(Game.revoked_by.is_not(None), Game.play_count > 0)
        yield games.where(or_(Game.play_count != func.coalesce(counts.c.plays, 0), played_and_revoked))


class NothingIsGrantedUnpaid(Invariant):
    """Every game in a library, and every one that was taken back, stands for a paid line of its user."""

    across = True

    async def check(self, store: Snapshots, finding: Finding) -> None:
        async for line, game in paired(payment_lines(store), _games(store), 2):
            if game is not None:
                finding.checked += 1
                if line is None or not is_paid(line) or line.user_id != game.user_id:
                    finding.breach(line, game)


class PaidIsGranted(Invariant):
    """A paid line that was not taken back is in its user's library, and nothing else is."""

    when, across = When.ENDED, True

    async def check(self, store: Snapshots, finding: Finding) -> None:
        async for line, game in paired(payment_lines(store), _games(store), 2):
            finding.checked += 1
            if is_owed(line) != (game is not None and game.revoked_by is None):
                finding.breach(line, game)


class RefundedIsRevoked(Invariant):
    """A line that a refund took back was revoked in the library by that refund, and no other was revoked."""

    when, across = When.ENDED, True

    async def check(self, store: Snapshots, finding: Finding) -> None:
        async for line, game in paired(payment_lines(store), _games(store), 2):
            taken_by = line.refund_id if line is not None else None
            revoked_by = game.revoked_by if game is not None else None
            finding.checked += taken_by is not None
            if taken_by != revoked_by:
                finding.breach(line, game)


def _games(store: Snapshots) -> AsyncIterator[AnyRow]:
    query = select(Game.payment_id, Game.product_id, Game.user_id, Game.revoked_by)
    return store["library"].sorted(query, Game.payment_id.expression, Game.product_id.expression)
