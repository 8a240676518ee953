"""A sale as the cache knows it, and the answer to an attempt to claim, where the cache can be certain."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from subgraphs.stock.claims.clock import TimeBounds
from subgraphs.stock.claims.domain import Claim, ClaimOutcome, ClaimState, ClaimWithSale, SaleNotActive, SoldOut
from subgraphs.stock.sales.domain import FlashSaleState, Sale

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class CachedSale:
    """A sale, how many of its units have an owner in the cache, and the entries of some users.

    The cache holds live claims only, and never more of them than SQL.
    """

    sale: Sale
    taken: int
    entries: Mapping[str, str | None]

    def sale_at(self, now: TimeBounds) -> Sale:
        """The sale as pages show it, at the earliest time that it can be now."""
        return replace(self.sale, remaining=max(0, self.sale.units - self.taken), as_of=now.earliest)

    def answer(self, user_id: str, now: TimeBounds) -> ClaimOutcome | None:
        """What SQL would decide at any time within the bounds; None if that is not certain."""
        early = replace(self.sale, remaining=self.sale.units - self.taken, as_of=now.earliest)
        late = replace(early, as_of=now.latest)
        entry = self.entries[user_id]
        if entry is not None:
            claim = claim_of(entry, late, user_id)
            return ClaimWithSale(claim, late) if claim is not None and claim.is_free else None
        if early.state is not late.state:
            return None
        if late.state is FlashSaleState.SCHEDULED:
            return SaleNotActive(late)
        if self.taken < late.units:
            return None  # the user may have a claim that the cache lacks
        return SoldOut(late) if late.is_active else SaleNotActive(late)


def entry_of(claim: Claim) -> str:
    """A live claim as the cache keeps it: `claim|created|expires`, or `?|claim` once it is sold."""
    if claim.stored_state is not ClaimState.HELD:
        return f"?|{claim.id}"
    return f"{claim.id}|{_microseconds(claim.created_at)}|{_microseconds(claim.expires_at)}"


def claim_of(entry: str, sale: Sale, user_id: str) -> Claim | None:
    """The claim of an entry; None for `?|claim`, of which SQL knows the rest."""
    if entry.startswith("?"):
        return None
    claim_id, created, expires = entry.split("|")
    return Claim(
        id=claim_id,
        sale_id=sale.id,
        user_id=user_id,
        stored_state=ClaimState.HELD,
        payment_id=None,
        created_at=_instant(created),
        expires_at=_instant(expires),
        as_of=sale.as_of,
    )


def _microseconds(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)


def _instant(microseconds: str) -> datetime:
    return EPOCH + timedelta(microseconds=int(microseconds))
