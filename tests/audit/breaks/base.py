"""What a break is, and helpers for them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from subgraphs.stock.models import Claim
from tests.audit.store_copy import Change, Found, StoreCopy


class Break(NamedTuple):
    """Changes to a copy, and the invariant that the auditor must report."""

    invariant: str
    what: str
    changes: Callable[[StoreCopy], Sequence[Change]]


def is_positive(value: int) -> bool:
    return value > 0


def is_negative(value: int) -> bool:
    return value < 0


def is_set(value: object) -> bool:
    return value is not None


def free_claim(copy: StoreCopy) -> Found:
    return copy.one(Claim, state="HELD", payment_id=None)
