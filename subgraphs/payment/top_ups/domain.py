"""Points that are bought with money, from a provider that takes the payment on a page of its own."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from subgraphs.payment.wallets.domain import MAX_BALANCE, LedgerKind, Posting

LONGEST_PAUSE = timedelta(hours=1)


class TopUpState(Enum):
    """Where a top-up stands.

    REFUNDING: the points have left the wallet (or never came, for want of room), and the money is on its way back.
    """

    OPEN = "OPEN"
    PAID = "PAID"
    EXPIRED = "EXPIRED"
    REFUNDING = "REFUNDING"
    REFUNDED = "REFUNDED"


UNSETTLED = frozenset({TopUpState.OPEN, TopUpState.REFUNDING})
"""The states in which the provider has to be asked, or told, again."""


@dataclass(frozen=True)
class TopUp:
    """Points for a price, in the currency's smallest unit. `key` is the hash of the client's idempotency key.

    `session` and `payment` are the provider's names of what it does for it. `credited_at` is null until the points
    are in the wallet.
    """

    id: str
    user_id: str
    key: str
    points: int
    price: int
    currency: str
    state: TopUpState
    session: str | None
    page_url: str | None
    payment: str | None
    created_at: datetime
    credited_at: datetime | None

    @property
    def credit(self) -> Posting:
        return Posting(self.user_id, LedgerKind.TOP_UP, self.points, f"top-up:{self.id}")

    @property
    def reversal(self) -> Posting:
        return Posting(self.user_id, LedgerKind.REVERSAL, -self.points, f"reversal:{self.id}")


class Status(Enum):
    """What the provider says about a purchase."""

    OPEN = "OPEN"
    PAID = "PAID"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class Word:
    """The provider's word about a top-up: its status, and what was paid. `payment` is its name for the payment."""

    status: Status
    price: int
    currency: str
    payment: str | None = None


@dataclass(frozen=True)
class Opened:
    """A purchase that the provider has opened, with the address of its page, if it has one."""

    session: str
    page_url: str | None
    word: Word


def settled(top_up: TopUp, word: Word, balance: int, now: datetime) -> TopUp:
    """What the provider's word makes of a top-up. The same word again, or a late one, changes nothing.

    Money that came after the purchase had expired counts. Where the wallet has no room left, it goes back.
    """
    if word.status is Status.EXPIRED and top_up.state is TopUpState.OPEN:
        return replace(top_up, state=TopUpState.EXPIRED)
    is_waiting = top_up.state in (TopUpState.OPEN, TopUpState.EXPIRED)
    if word.status is not Status.PAID or not is_waiting or not pays_for(word, top_up):
        return top_up
    if balance + top_up.points > MAX_BALANCE:
        return replace(top_up, state=TopUpState.REFUNDING, payment=word.payment)
    return replace(top_up, state=TopUpState.PAID, payment=word.payment, credited_at=now)


def pays_for(word: Word, top_up: TopUp) -> bool:
    """Whether it speaks of the top-up's own price."""
    return (word.price, word.currency) == (top_up.price, top_up.currency)


def pause(asked: int, first: timedelta) -> timedelta:
    """How long to wait before the provider is asked again, who was asked `asked` times."""
    return min(first * 2.0 ** min(asked, 20), LONGEST_PAUSE)
