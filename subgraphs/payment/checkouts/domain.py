"""What a client may be told of a payment, besides the payment itself. Kept as JSON in saga rows."""

import msgspec

from subgraphs.kit.errors import StoreError


class Outcome(msgspec.Struct, frozen=True, tag=True):
    """The base of the outcomes."""


class Succeeded(Outcome, frozen=True):
    """The payment is there: READY after a start, PAID after a checkout."""


class InsufficientPoints(Outcome, frozen=True):
    """The wallet holds fewer points than required."""

    required: int
    balance: int


class ShortItem(msgspec.Struct, frozen=True):
    product_id: str
    requested: int
    available: int


class OutOfStock(Outcome, frozen=True):
    """Limited products of which too few units are left."""

    items: list[ShortItem]


class AlreadyOwned(Outcome, frozen=True):
    """Products that the user has bought before."""

    product_ids: list[str]


class PriceChanged(Outcome, frozen=True):
    """The total is not what the client showed (points)."""

    expected: int
    actual: int


class Refused(Outcome, frozen=True):
    """A step was refused for a reason that the client sees as a GraphQL error."""

    code: str
    message: str

    def error(self) -> StoreError:
        error = StoreError(self.message)
        error.code = self.code
        return error


class RefusedLine(msgspec.Struct, frozen=True):
    """`reason`: PLAYED, TOO_LATE, NOT_PAID or ALREADY_REFUNDED."""

    product_id: str
    reason: str


class NotRefundable(Outcome, frozen=True):
    """None of the asked lines can be refunded."""

    lines: list[RefusedLine]


CheckoutOutcome = Succeeded | InsufficientPoints | OutOfStock | AlreadyOwned | PriceChanged | Refused


def encode(outcome: Outcome) -> str:
    return msgspec.json.encode(outcome).decode()


def decode_checkout(text: str) -> CheckoutOutcome:
    outcome: CheckoutOutcome = msgspec.json.decode(text, type=CheckoutOutcome)
    return outcome


def decode_refund(text: str) -> NotRefundable:
    return msgspec.json.decode(text, type=NotRefundable)
