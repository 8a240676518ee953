"""Checkouts: what a client asks for, how far its row is, and what a client may be told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

import msgspec

from subgraphs.contracts.command import MAX_ID
from subgraphs.contracts.order import MAX_PRODUCTS, OrderOutcome
from subgraphs.contracts.stock import HoldOutcome
from subgraphs.kit.errors import BadUserInput, InvalidState, LimitExceeded, NotFound, StoreError
from subgraphs.kit.idempotency import request_hash
from subgraphs.kit.input_check import InputCheck
from subgraphs.payment.payments.domain import AlreadyOwned, InsufficientPoints, Payment


class CheckoutKind(Enum):
    """What a checkout does: CHECKOUT places an order and pays it, START opens the payment of a placed order."""

    CHECKOUT = "checkout"
    START = "start"


class CheckoutStep(Enum):
    """The step that a checkout is at; it is written before the step is taken."""

    PLACING = "PLACING"
    HOLDING = "HOLDING"
    UNDOING = "UNDOING"
    DONE = "DONE"
    FAILED = "FAILED"


UNFINISHED = frozenset({CheckoutStep.PLACING, CheckoutStep.HOLDING, CheckoutStep.UNDOING})


class CheckoutRequest(msgspec.Struct, frozen=True):
    """What a client asked for. It is stored and hashed as JSON: its fields keep their names and order."""

    kind: CheckoutKind
    order_id: str = ""
    """The order to start the payment of."""
    product_ids: tuple[str, ...] = ()
    claim_ids: tuple[str, ...] = ()
    expected_total: int | None = None
    """Points; any other total is refused."""

    @property
    def hash(self) -> str:
        return request_hash(self)


# The names of these classes are the tags of outcomes that are stored as JSON: they cannot change.


class Succeeded(msgspec.Struct, frozen=True, tag=True):
    """The payment is there: READY after a start, PAID after a checkout."""


class ShortItem(msgspec.Struct, frozen=True):
    """A product of which fewer units are available than requested."""

    product_id: str
    requested: int
    available: int


class OutOfStock(msgspec.Struct, frozen=True, tag=True):
    """Too few units of limited products are left."""

    items: list[ShortItem]


class Withdrawn(msgspec.Struct, frozen=True, tag=True):
    """These products are not sold any more."""

    product_ids: list[str]


class PriceChanged(msgspec.Struct, frozen=True, tag=True):
    """The total is not the expected one (points)."""

    expected: int
    actual: int


class Refused(msgspec.Struct, frozen=True, tag=True):
    """A peer refused a step with an error that is meant for the client."""

    code: str
    message: str

    def error(self) -> StoreError:
        """The error that the client gets. A code of no known class is INTERNAL."""
        if self.code == BadUserInput.code:
            return BadUserInput("claimIds", self.message)  # the only argument that payment cannot check
        return REFUSALS.get(self.code, StoreError)(self.message)


REFUSALS: dict[str, type[StoreError]] = {error.code: error for error in (NotFound, InvalidState, LimitExceeded)}

CheckoutOutcome = Succeeded | InsufficientPoints | OutOfStock | AlreadyOwned | Withdrawn | PriceChanged | Refused
"""How a checkout ended, as its row keeps it."""
CheckoutResult = Payment | InsufficientPoints | OutOfStock | AlreadyOwned | Withdrawn | PriceChanged
"""What a checkout's client gets, where that is no error."""
StartResult = Payment | OutOfStock | AlreadyOwned | Withdrawn
"""What the client of a start gets, where that is no error."""


@dataclass(frozen=True)
class Checkout:
    """A checkout as its row stands. Its id is also that of the payment it leads to.

    `key` is the hash of the client's idempotency key. `outcome` is None until it is decided.
    """

    id: str
    user_id: str
    key: str
    request_hash: str
    order_id: str
    request: CheckoutRequest
    step: CheckoutStep
    outcome: CheckoutOutcome | None
    started_at: datetime
    touched_at: datetime
    attempts: int = 1

    @property
    def kind(self) -> CheckoutKind:
        return self.request.kind

    @property
    def is_resumed(self) -> bool:
        """Whether it was begun a second time: another attempt may still be in progress elsewhere."""
        return self.attempts > 1

    def decided(self, outcome: CheckoutOutcome) -> "Checkout":
        """The checkout with its outcome. A failed one is always undone, even if other subgraphs refused its calls.

        A call that was refused may be repeated by the network, and accepted then. What was undone is never done later.
        """
        step = CheckoutStep.DONE if isinstance(outcome, Succeeded) else CheckoutStep.UNDOING
        return replace(self, step=step, outcome=outcome)


def check_cart(product_ids: Sequence[str], claim_ids: Sequence[str]) -> None:
    """Raises BadUserInput (empty or duplicates), LimitExceeded (too many), NotFound (too long for an id)."""
    if max(len(product_ids), len(claim_ids)) > MAX_PRODUCTS:
        raise LimitExceeded(f"An order has at most {MAX_PRODUCTS} products.")
    with InputCheck() as check:
        check.require(len(product_ids) > 0, "productIds", "Name at least one product.")
        check.require(len(set(product_ids)) == len(product_ids), "productIds", "Name each product once.")
        check.require(len(set(claim_ids)) == len(claim_ids), "claimIds", "Name each claim once.")
    check_ids("product", product_ids)
    check_ids("claim", claim_ids)


def check_ids(what: str, ids: Sequence[str]) -> None:
    """Raises NotFound for an id that is too long to be one, and would not fit into a checkout's row."""
    if any(len(one) > MAX_ID for one in ids):
        raise NotFound(f"There is no such {what}: an id has at most {MAX_ID} characters.")


def placing_failure(request: CheckoutRequest, outcome: OrderOutcome) -> CheckoutOutcome:
    """The outcome when order does not place the order, or does not let it be paid."""
    match outcome.kind:
        case "already_owned":
            return AlreadyOwned(outcome.product_ids)
        case "withdrawn":
            return Withdrawn(outcome.product_ids)
        case "price_changed":
            return PriceChanged(expected=request.expected_total or 0, actual=outcome.total)
        case _:
            return Refused(outcome.code, outcome.message)


def holding_failure(outcome: HoldOutcome) -> CheckoutOutcome:
    """The outcome when stock does not hold the units."""
    if outcome.kind == "released":
        return Refused(InvalidState.code, "This checkout was given up. Start a new one.")
    return OutOfStock([ShortItem(line.product_id, line.requested, line.available) for line in outcome.short])
