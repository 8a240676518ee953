"""What payments hold, and the decision on what they may hold: values only, no I/O."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from subgraphs.contracts.stock import HoldLine, HoldOutcome, HoldRequest, ShortLine
from subgraphs.stock.claims.domain import Claim, ClaimWithSale
from subgraphs.stock.limited.domain import Place, StockMovements, Units


class HoldState(Enum):
    """Where a payment's hold stands. SOLD and RELEASED also keep a hold that comes later from being taken."""

    HELD = "HELD"
    SOLD = "SOLD"
    RELEASED = "RELEASED"


class UnitState(Enum):
    """Where one unit of a hold is. RETURNED: not the payment's any more."""

    HELD = "HELD"
    SOLD = "SOLD"
    RETURNED = "RETURNED"


@dataclass(frozen=True)
class HeldUnit:
    """One unit in a payment: of the product's limited stock, or the unit of a claim."""

    payment_id: str
    product_id: str
    state: UnitState
    claim: Claim | None


def claims_of(units: Collection[HeldUnit]) -> list[Claim]:
    return [unit.claim for unit in units if unit.claim is not None]


def movements_of(units: Collection[HeldUnit], target: Place) -> StockMovements:
    """Moves the units of limited stocks to another place, by product id. Claims' units belong to their sales."""
    movements = StockMovements()
    for unit in units:
        if unit.claim is None:
            source: Place = "sold" if unit.state is UnitState.SOLD else "held"
            movements.move(unit.product_id, source, target)
    return movements


class HoldBatch:
    """Takes units into payments, one payment after the other, all of its units or none; in memory.

    What must be written for them: `held` are the payments that hold something, `units` what they hold,
    `movements` the units of limited stocks by product id, `entered` the claims (claim id -> payment id).
    """

    def __init__(self, limited: Mapping[str, Units], claims: Mapping[str, ClaimWithSale]) -> None:
        self._remaining = {product_id: units.remaining for product_id, units in limited.items()}
        self._claims = claims
        self.held: list[HoldRequest] = []
        self.units: list[HeldUnit] = []
        self.movements = StockMovements()
        self.entered: dict[str, str] = {}

    def take(self, request: HoldRequest) -> HoldOutcome:
        # A payment has one unit of a product at most: of several lines of a product, the last one counts.
        lines = list({line.product_id: line for line in request.lines}.values())
        short = [short for line in lines if (short := self._short(request, line)) is not None]
        if short:
            return HoldOutcome(kind="out_of_stock", short=short)
        taken = [line for line in lines if line.claim_id is not None or line.product_id in self._remaining]
        for line in taken:
            self._take(request, line)
        if taken:
            self.held.append(request)
        return HoldOutcome(kind="held", holds_units=bool(taken))

    def _short(self, request: HoldRequest, line: HoldLine) -> ShortLine | None:
        """None if there is a unit for the line."""
        if line.claim_id is None:
            available = self._remaining.get(line.product_id, 1)
            is_there = available > 0
        else:
            found = self._claims.get(line.claim_id)
            available = found.sale.remaining if found else 0
            is_there = found is not None and self._may_enter(request, line, found)
        return None if is_there else ShortLine(product_id=line.product_id, requested=1, available=available)

    def _may_enter(self, request: HoldRequest, line: HoldLine, found: ClaimWithSale) -> bool:
        """Whether a claim is the user's, of the product, and in no other payment."""
        return (
            found.claim.user_id == request.user_id
            and found.sale.product_id == line.product_id
            and found.claim.is_free
            and found.claim.id not in self.entered
        )

    def _take(self, request: HoldRequest, line: HoldLine) -> None:
        claim = None
        if line.claim_id is None:
            self._remaining[line.product_id] -= 1
            self.movements.move(line.product_id, "remaining", "held")
        else:
            claim = self._claims[line.claim_id].claim
            self.entered[claim.id] = request.payment_id
        self.units.append(HeldUnit(request.payment_id, line.product_id, UnitState.HELD, claim))
