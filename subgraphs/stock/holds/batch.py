"""A batch of holds being taken: in memory, on rows that the transaction has locked."""

from collections.abc import Mapping

from subgraphs.contracts.stock import HoldLine, HoldOutcome, HoldRequest, ShortLine
from subgraphs.stock.domain import ClaimRow, ClaimView, StockMovements
from subgraphs.stock.holds.repository import Line
from subgraphs.stock.models import LimitedStock


class HoldBatch:
    """Takes one payment's units after the other's, all or none.

    `held` are the payments that took something of limited quantity, `lines` what they took; `shifts` (of the
    limited stocks) and `entered` (claims into payments) are what is to be written for them.
    """

    def __init__(
        self,
        limited: Mapping[str, LimitedStock],
        offered: Mapping[str, ClaimView],
        claims: Mapping[str, ClaimRow],
    ) -> None:
        self._remaining = {product_id: stock.remaining for product_id, stock in limited.items()}
        self._offered = offered
        self._claims = claims
        self.held: list[HoldRequest] = []
        self.lines: list[Line] = []
        self.shifts = StockMovements()
        self.entered: dict[str, str] = {}

    def take(self, request: HoldRequest) -> HoldOutcome:
        # A product is bought once: of several lines of one product, one counts.
        lines = list({line.product_id: line for line in request.lines}.values())
        short = [short for line in lines if (short := self._short(request, line)) is not None]
        if short:
            return HoldOutcome(kind="out_of_stock", short=short)
        taken = [line for line in lines if line.claim_id or line.product_id in self._remaining]
        for line in taken:
            self._take(request, line)
        if taken:
            self.held.append(request)
        return HoldOutcome(kind="held")

    def _short(self, request: HoldRequest, line: HoldLine) -> ShortLine | None:
        if line.claim_id:
            offer = self._offered.get(line.claim_id)
            if self._is_good(request, line):
                return None
            available = offer.sale.remaining if offer else 0
        else:
            available = self._remaining.get(line.product_id, 1)
            if available >= 1:
                return None
        return ShortLine(product_id=line.product_id, requested=1, available=available)

    def _is_good(self, request: HoldRequest, line: HoldLine) -> bool:
        assert line.claim_id is not None
        claim, offer = self._claims.get(line.claim_id), self._offered.get(line.claim_id)
        return (
            claim is not None
            and offer is not None
            and offer.sale.product_id == line.product_id
            and claim.user_id == request.user_id
            and claim.is_free
            and claim.id not in self.entered
        )

    def _take(self, request: HoldRequest, line: HoldLine) -> None:
        if line.claim_id:
            self.entered[line.claim_id] = request.payment_id
        else:
            self._remaining[line.product_id] -= 1
            self.shifts.move(line.product_id, "remaining", "held")
        self.lines.append(Line(request.payment_id, line.product_id, "HELD", line.claim_id))
