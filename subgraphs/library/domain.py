"""The library's values, and what a play or a refund may do with a game."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from subgraphs.contracts.library import RevokeOutcome, RevokeRequest


@dataclass(frozen=True)
class Line:
    """A line of a payment: what names a game."""

    payment_id: str
    product_id: str


@dataclass(frozen=True)
class Game:
    """A product that a user paid for. It is owned until a refund revokes it."""

    id: str
    user_id: str
    product_id: str
    payment_id: str
    acquired_at: datetime
    """When it was paid for; for a game revoked before it was granted, when it was revoked."""
    play_count: int = 0
    last_played_at: datetime | None = None
    revoked_by: str | None = None
    """The refund that took it back."""

    @property
    def line(self) -> Line:
        return Line(self.payment_id, self.product_id)

    @property
    def is_played(self) -> bool:
        return self.play_count > 0

    @property
    def live_key(self) -> str | None:
        """Unique among all games, so that a user owns a product once; None for a revoked game."""
        return live_key(self.user_id, self.product_id) if self.revoked_by is None else None

    def play(self, play_id: str, now: datetime) -> "Play":
        return Play(id=play_id, user_id=self.user_id, product_id=self.product_id, game_id=self.id, played_at=now)


@dataclass(frozen=True)
class Play:
    """One time that a user played an owned game."""

    id: str
    user_id: str
    product_id: str
    game_id: str
    played_at: datetime


@dataclass(frozen=True)
class NotOwned:
    """The user does not own the product, or not any more."""

    product_id: str


@dataclass(frozen=True)
class Revocations:
    """What a batch of refunds takes back."""

    outcomes: list[RevokeOutcome]
    """One for each request, in order."""
    refunds: dict[str, str]
    """The refund of each game to revoke now, by the game's id."""


def live_key(user_id: str, product_id: str) -> str:
    """Names a product that a user owns."""
    return f"{user_id}:{product_id}"


def decide_revocations(requests: Sequence[RevokeRequest], games: Mapping[Line, Game]) -> Revocations:
    """Decides refunds in the order of their requests; `games` holds every line that they name.

    A played game is kept. Any other game goes to the first refund that asks for it, for good: the same refund
    gets the same answer again, and a later one gets the game in neither of its lists.
    """
    holders = {line: game.revoked_by for line, game in games.items()}
    outcomes = [_decide(request, games, holders) for request in requests]
    refunds = {games[line].id: refund for line, refund in holders.items() if refund and games[line].revoked_by is None}
    return Revocations(outcomes, refunds)


def _decide(request: RevokeRequest, games: Mapping[Line, Game], holders: dict[Line, str | None]) -> RevokeOutcome:
    outcome = RevokeOutcome(revoked=[], played=[])
    for product_id in dict.fromkeys(request.product_ids):
        line = Line(request.payment_id, product_id)
        if games[line].is_played:
            outcome.played.append(product_id)
            continue
        holders[line] = holders[line] or request.refund_id
        if holders[line] == request.refund_id:
            outcome.revoked.append(product_id)
    return outcome
