"""Points that are bought with money, from a provider that takes the payment on a page of its own."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from subgraphs.payment.wallets.domain import MAX_BALANCE, LedgerKind, Posting

LONGEST_PAUSE = timedelta(hours=1)


class TopUpState(Enum):
    """Where a top-up stands.

    REFUNDING: the points have left the wallet (or did not fit into it), and the money is on its way back.
    """

    OPEN = "OPEN"
    PAID = "PAID"
    EXPIRED = "EXPIRED"
    REFUNDING = "REFUNDING"
    REFUNDED = "REFUNDED"


UNFINISHED = frozenset({TopUpState.OPEN, TopUpState.REFUNDING})
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
class Report:
    """What the provider reports about a top-up. `payment` is its name for the payment, `price` what was paid."""

    status: Status
    price: int
    currency: str
    payment: str | None = None


@dataclass(frozen=True)
class Opened:
    """A purchase that the provider has opened, with the address of its page, if it has one."""

    session: str
    page_url: str | None
    report: Report


def after_report(top_up: TopUp, report: Report, balance: int, now: datetime) -> TopUp:
    """The top-up after a report. The same report again, or a late one, changes nothing.

    Money that came after the purchase had expired counts. Where the wallet has no room left, it goes back.
    """
    if report.status is Status.EXPIRED and top_up.state is TopUpState.OPEN:
        return replace(top_up, state=TopUpState.EXPIRED)
    is_waiting = top_up.state in (TopUpState.OPEN, TopUpState.EXPIRED)
    if report.status is not Status.PAID or not is_waiting or not pays_for(report, top_up):
        return top_up
    if balance + top_up.points > MAX_BALANCE:
        return replace(top_up, state=TopUpState.REFUNDING, payment=report.payment)
    return replace(top_up, state=TopUpState.PAID, payment=report.payment, credited_at=now)


def pays_for(report: Report, top_up: TopUp) -> bool:
    """Whether a report names the top-up's own price."""
    return (report.price, report.currency) == (top_up.price, top_up.currency)


def pause(asked: int, first: timedelta) -> timedelta:
    """How long to wait before the provider is asked again. `asked`: how often it was asked before."""
    return min(first * 2.0 ** min(asked, 20), LONGEST_PAUSE)
