"""Invariants of libraries and of what was paid for."""

from collections.abc import AsyncIterator, Iterator

from sqlalchemy import and_, func, or_, select

from subgraphs.library.models import Game, Play
from subgraphs.store.audit.invariant import Comparison, Finding, Pair, SqlInvariant, When
from subgraphs.store.audit.payment_lines import is_entitled, is_paid, payment_lines
from subgraphs.store.audit.snapshots import AnyRow, Query, Snapshots, paired


class OwnedOnce(SqlInvariant):
    """A user owns a product at most once."""

    subgraph, table = "library", Game

    def offenders(self) -> Iterator[Query]:
        live = select(Game.user_id, Game.product_id, func.count().label("lines"))
        live = live.where(Game.revoked_by.is_(None)).group_by(Game.user_id, Game.product_id)
        yield live.having(func.count() > 1)
        game = select(Game.id, Game.user_id, Game.product_id, Game.revoked_by, Game.live_key)
        yield game.where(Game.revoked_by.is_(None) != Game.live_key.is_not(None))


class PlayedIsKept(SqlInvariant):
    """A game that was played was not revoked, and its play count is right."""

    subgraph, table = "library", Game

    def offenders(self) -> Iterator[Query]:
        counts = select(Play.game_id, func.count().label("plays")).group_by(Play.game_id).subquery()
        games = select(Game.id, Game.user_id, Game.product_id, Game.revoked_by, Game.play_count)
        games = games.outerjoin(counts, counts.c.game_id == Game.id)
        played_and_revoked = and_(Game.revoked_by.is_not(None), Game.play_count > 0)
        yield games.where(or_(Game.play_count != func.coalesce(counts.c.plays, 0), played_and_revoked))


def _lines_and_games(store: Snapshots) -> AsyncIterator[Pair]:
    query = select(Game.payment_id, Game.product_id, Game.user_id, Game.revoked_by)
    games = store["library"].sorted(query, Game.payment_id.expression, Game.product_id.expression)
    return paired(payment_lines(store), games, 2)


class NothingIsGrantedUnpaid(Comparison):
    """Every game in a library, revoked or not, belongs to a paid line of its user."""

    pairs = _lines_and_games

    def compare(self, line: AnyRow | None, game: AnyRow | None, finding: Finding) -> None:
        if game is not None:
            finding.checked += 1
            if line is None or not is_paid(line) or line.user_id != game.user_id:
                finding.breach(line, game)


class PaidIsGranted(Comparison):
    """A library holds exactly the paid lines that were not refunded."""

    when, pairs = When.ENDED, _lines_and_games

    def compare(self, line: AnyRow | None, game: AnyRow | None, finding: Finding) -> None:
        finding.checked += 1
        if is_entitled(line) != (game is not None and game.revoked_by is None):
            finding.breach(line, game)


class RefundedIsRevoked(Comparison):
    """The library has revoked exactly the refunded lines, each for its refund."""

    when, pairs = When.ENDED, _lines_and_games

    def compare(self, line: AnyRow | None, game: AnyRow | None, finding: Finding) -> None:
        refunded_by = line.refund_id if line is not None else None
        revoked_by = game.revoked_by if game is not None else None
        finding.checked += refunded_by is not None
        if refunded_by != revoked_by:
            finding.breach(line, game)
