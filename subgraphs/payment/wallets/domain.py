"""Points and how they move: postings, and what a wallet may hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from subgraphs.kit.errors import BadUserInput, LimitExceeded

MAX_TOP_UP = 10_000_000
# GraphQL's Int has 32 bits.
MAX_BALANCE = 2_000_000_000


class LedgerKind(Enum):
    """Why points moved."""

    TOP_UP = "TOP_UP"
    PURCHASE = "PURCHASE"
    REFUND = "REFUND"
    REVERSAL = "REVERSAL"


@dataclass(frozen=True)
class Posting:
    """Points that enter (positive) or leave (negative) a wallet.

    `reference` names the cause and is unique: no cause moves points twice.
    """

    user_id: str
    kind: LedgerKind
    amount: int
    reference: str
    payment_id: str | None = None


@dataclass(frozen=True)
class Posted:
    """A posting with the wallet's balance after it, in points."""

    posting: Posting
    balance_after: int


@dataclass(frozen=True)
class LedgerEntry:
    """A posting as the ledger keeps it. `amount` is signed; both figures are in points."""

    id: int
    kind: LedgerKind
    amount: int
    balance_after: int
    payment_id: str | None
    created_at: datetime


@dataclass(frozen=True)
class TopUp:
    """A purchase of points; `key` is the hash of the client's idempotency key."""

    id: str
    user_id: str
    key: str
    amount: int

    @property
    def posting(self) -> Posting:
        return Posting(user_id=self.user_id, kind=LedgerKind.TOP_UP, amount=self.amount, reference=f"top-up:{self.id}")


def post(balances: Mapping[str, int], postings: Iterable[Posting]) -> list[Posted]:
    """The postings in order, each with its balance; `balances` (by user) are those before the first."""
    running = dict(balances)
    posted = []
    for posting in postings:
        running[posting.user_id] += posting.amount
        posted.append(Posted(posting, running[posting.user_id]))
    return posted


def checked_amount(amount: int, minimum: int = 1, field: str = "amount") -> int:
    """The points of a top-up. Raises BadUserInput if they are too few or too many."""
    if not minimum <= amount <= MAX_TOP_UP:
        raise BadUserInput(field, f"Between {minimum} and {MAX_TOP_UP} points can be bought at once.")
    return amount


def check_room(balance: int, amount: int) -> None:
    """Raises LimitExceeded for a top-up that the wallet has no room for."""
    if balance + amount > MAX_BALANCE:
        raise LimitExceeded(f"A wallet holds at most {MAX_BALANCE} points.")
