"""Claims, and the decision on attempts to claim: values only, no I/O."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from subgraphs.kit.errors import NotFound
from subgraphs.stock.limited.domain import Place, StockMovements
from subgraphs.stock.sales.domain import Sale


class ClaimState(Enum):
    """What became of a claim."""

    HELD = "HELD"
    SOLD = "SOLD"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class Attempt:
    """A user's attempt to claim a unit of a sale."""

    sale_id: str
    user_id: str


@dataclass(frozen=True)
class Claim:
    """One unit of a sale, held for a user, as it stood at `as_of` by the database's clock.

    It is good until `expires_at`, even if its sale ends or is cancelled before. While it is in a payment it
    does not expire.
    """

    id: str
    sale_id: str
    user_id: str
    stored_state: ClaimState
    payment_id: str | None
    created_at: datetime
    expires_at: datetime
    as_of: datetime

    @property
    def state(self) -> ClaimState:
        """EXPIRED as soon as its time is over, even though its row is updated a little later."""
        return ClaimState.EXPIRED if self.has_lapsed else self.stored_state

    @property
    def has_lapsed(self) -> bool:
        """Whether its time is over, but its unit has not been taken back yet."""
        is_waiting = self.stored_state is ClaimState.HELD and self.payment_id is None
        return is_waiting and self.expires_at <= self.as_of

    @property
    def is_live(self) -> bool:
        """Whether its user has it: HELD or SOLD."""
        return self.state in (ClaimState.HELD, ClaimState.SOLD)

    @property
    def is_free(self) -> bool:
        """Whether it can be released or taken into a payment."""
        return self.state is ClaimState.HELD and self.payment_id is None

    @property
    def follows_payment(self) -> bool:
        """Whether a payment decides what becomes of it: to be sold, given back or refunded."""
        return self.payment_id is not None and self.stored_state in (ClaimState.HELD, ClaimState.SOLD)

    @property
    def owner(self) -> Attempt:
        """Whose claim it is, and on which sale: a user has at most one live claim (HELD or SOLD) on a sale."""
        return Attempt(self.sale_id, self.user_id)


@dataclass(frozen=True)
class ClaimWithSale:
    """A claim and its sale."""

    claim: Claim
    sale: Sale


@dataclass(frozen=True)
class SoldOut:
    """The sale has no units left."""

    sale: Sale


@dataclass(frozen=True)
class SaleNotActive:
    """The sale has not started, has ended, or was cancelled."""

    sale: Sale


ClaimOutcome = ClaimWithSale | SoldOut | SaleNotActive


def movements_of(claims: Collection[Claim], target: Place) -> StockMovements:
    """Moves the units of live claims to another place; by sale id."""
    movements = StockMovements()
    for claim in claims:
        source: Place = "sold" if claim.stored_state is ClaimState.SOLD else "held"
        movements.move(claim.sale_id, source, target)
    return movements


@dataclass(frozen=True)
class LockedSales:
    """The sales that a batch of attempts is for, with their rows locked."""

    sales: Mapping[str, Sale]
    live: Mapping[Attempt, Claim]
    """The live claims that the batch's users have already."""
    with_lapsed: Collection[str]
    """The sales with lapsed claims of any user."""


class ClaimBatch:
    """Decides attempts in order of arrival, in memory.

    What must be written for them: `won` are the new claims, `movements` the units, by sale id.
    """

    def __init__(self, locked: LockedSales, lifetime: timedelta, new_id: Callable[[], str]) -> None:
        self._sales = dict(locked.sales)
        self._live = dict(locked.live)
        self._with_lapsed = locked.with_lapsed
        self._lifetime = lifetime
        self._new_id = new_id
        self.won: list[Claim] = []
        self.movements = StockMovements()

    @property
    def sale_ids(self) -> list[str]:
        return list(self._sales)

    @property
    def lapsed(self) -> set[str]:
        """The lapsed claims of the batch's own users. They bar new ones until they have been ended."""
        return {claim.id for claim in self._live.values() if claim.has_lapsed}

    def needs_lapsed(self, attempts: Sequence[Attempt]) -> bool:
        """Whether lapsed claims must be ended first: users' own, or others' because units run short."""
        wanted = Counter(attempt.sale_id for attempt in attempts)
        return bool(self.lapsed) or any(wanted[sale] > self._sales[sale].remaining for sale in self._with_lapsed)

    def give_back(self, claims: Collection[Claim]) -> None:
        """Makes the units of claims that have been ended available to the batch."""
        for claim in claims:
            self._live.pop(claim.owner, None)
            self._add_remaining(claim.sale_id, 1)

    def decide(self, attempt: Attempt) -> ClaimOutcome | NotFound:
        sale = self._sales.get(attempt.sale_id)
        if sale is None:
            return NotFound("There is no such flash sale.")
        if attempt in self._live:
            return ClaimWithSale(self._live[attempt], sale)
        if not sale.is_active:
            return SaleNotActive(sale)
        if not sale.remaining:
            return SoldOut(sale)
        return self._win(attempt, sale.as_of)

    def _win(self, attempt: Attempt, now: datetime) -> ClaimWithSale:
        claim = Claim(
            id=self._new_id(),
            sale_id=attempt.sale_id,
            user_id=attempt.user_id,
            stored_state=ClaimState.HELD,
            payment_id=None,
            created_at=now,
            expires_at=now + self._lifetime,
            as_of=now,
        )
        self.won.append(claim)
        self._live[attempt] = claim
        self.movements.move(attempt.sale_id, "remaining", "held")
        return ClaimWithSale(claim, self._add_remaining(attempt.sale_id, -1))

    def _add_remaining(self, sale_id: str, units: int) -> Sale:
        sale = self._sales[sale_id]
        self._sales[sale_id] = replace(sale, remaining=sale.remaining + units)
        return self._sales[sale_id]
