"""A checkout on its way: how far it is, what its peers are asked, and what their refusals mean."""

from dataclasses import dataclass, field

from subgraphs.contracts.order import EnterRequest, LeaveRequest, OrderOutcome, PlaceRequest
from subgraphs.contracts.payment import PaidLine
from subgraphs.contracts.stock import HoldLine, HoldOutcome, HoldRequest, ReleaseRequest
from subgraphs.payment.checkouts.domain import (
    AlreadyOwned,
    CheckoutOutcome,
    OutOfStock,
    PriceChanged,
    Refused,
    ShortItem,
    decode_checkout,
)
from subgraphs.payment.models import Checkout


@dataclass
class Saga:
    """A checkout in memory, from its row; `lines` come with the placed order."""

    id: str
    user_id: str
    order_id: str
    kind: str
    product_ids: list[str]
    claim_ids: list[str]
    expected_total: int | None
    step: str
    outcome: CheckoutOutcome | None
    lines: list[PaidLine] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(line.points for line in self.lines)

    def follow(self, row: Checkout) -> None:
        """Takes over what the row holds now, whoever has put it there."""
        self.step = row.step
        self.outcome = decode_checkout(row.outcome) if row.outcome else None

    # ---- what the peers are asked

    def place_request(self) -> PlaceRequest:
        return PlaceRequest(
            order_id=self.order_id,
            payment_id=self.id,
            user_id=self.user_id,
            product_ids=self.product_ids,
            claim_ids=self.claim_ids,
            expected_total=self.expected_total,
        )

    def enter_request(self) -> EnterRequest:
        return EnterRequest(order_id=self.order_id, payment_id=self.id, user_id=self.user_id)

    def hold_request(self) -> HoldRequest:
        lines = [HoldLine(product_id=line.product_id, claim_id=line.claim_id) for line in self.lines]
        return HoldRequest(payment_id=self.id, user_id=self.user_id, lines=lines)

    def release_request(self) -> ReleaseRequest:
        return ReleaseRequest(payment_id=self.id, user_id=self.user_id)

    def leave_request(self) -> LeaveRequest:
        cancel = self.kind == "checkout"
        return LeaveRequest(order_id=self.order_id, payment_id=self.id, user_id=self.user_id, cancel=cancel)


def placing_failure(saga: Saga, outcome: OrderOutcome) -> CheckoutOutcome:
    if outcome.kind == "already_owned":
        return AlreadyOwned(outcome.product_ids)
    if outcome.kind == "price_changed":
        return PriceChanged(expected=saga.expected_total or 0, actual=outcome.total)
    return Refused(outcome.code, outcome.message)


def holding_failure(outcome: HoldOutcome) -> CheckoutOutcome:
    if outcome.kind == "released":
        return Refused("INVALID_STATE", "This checkout was given up. Start a new one.")
    return OutOfStock([ShortItem(line.product_id, line.requested, line.available) for line in outcome.short])
