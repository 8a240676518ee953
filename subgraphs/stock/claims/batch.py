"""A batch of claims being decided: in memory, on rows that the transaction has locked."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.errors import NotFound
from subgraphs.stock.claims.repository import Attempt
from subgraphs.stock.domain import (
    ClaimOutcome,
    ClaimRow,
    ClaimState,
    ClaimView,
    Sale,
    SaleNotActive,
    SoldOut,
    StockMovements,
)
from subgraphs.stock.models import live_key


class ClaimBatch:
    """Decides attempts one after the other; `won` and `shifts` are what is to be written for them."""

    def __init__(self, sales: Mapping[str, Sale], live: Mapping[str, ClaimView], lifetime: timedelta) -> None:
        self._sales = dict(sales)
        self._live = dict(live)
        self._lifetime = lifetime
        self.won: list[ClaimView] = []
        self.shifts = StockMovements()

    @property
    def lapsed(self) -> set[str]:
        """Claims of the batch's own users whose time is over: they stand in the way of new ones."""
        return {claim.id for claim in self._live.values() if claim.state is ClaimState.EXPIRED}

    @property
    def sale_ids(self) -> list[str]:
        return list(self._sales)

    def needs_lapsed(self, attempts: Sequence[Attempt]) -> bool:
        """Whether claims whose time is over must be ended first: a user's own, or others' for want of units."""
        wanted = Counter(attempt.sale_id for attempt in attempts)
        return bool(self.lapsed) or any(
            wanted[sale.id] > sale.remaining for sale in self._sales.values() if sale.has_lapsed
        )

    def give_back(self, claims: Collection[ClaimRow]) -> None:
        """Lapsed claims have been ended: their units can be claimed."""
        for claim in claims:
            self._live.pop(live_key(claim.sale_id, claim.user_id), None)
            self.shifts.move(claim.sale_id, "held", "remaining")
            self._count(claim.sale_id, 1)

    def decide(self, attempt: Attempt) -> ClaimOutcome | NotFound:
        sale = self._sales.get(attempt.sale_id)
        if sale is None:
            return NotFound("There is no such flash sale.")
        if attempt.key in self._live:
            return self._live[attempt.key]
        if not sale.is_active:
            return SaleNotActive(sale)
        if not sale.remaining:
            return SoldOut(sale)
        return self._win(attempt)

    def _win(self, attempt: Attempt) -> ClaimView:
        self.shifts.move(attempt.sale_id, "remaining", "held")
        sale = self._count(attempt.sale_id, -1)
        claim = ClaimView(
            id=new_id(),
            sale_id=sale.id,
            user_id=attempt.user_id,
            stored_state="HELD",
            expires_at=sale.moment + self._lifetime,
            created_at=sale.moment,
            payment_id=None,
            moment=sale.moment,
            sale=sale,
        )
        self._live[attempt.key] = claim
        self.won.append(claim)
        return claim

    def _count(self, sale_id: str, units: int) -> Sale:
        sale = self._sales[sale_id]
        self._sales[sale_id] = replace(sale, remaining=sale.remaining + units)
        return self._sales[sale_id]
