"""What a break is, and what several need."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from subgraphs.stock.models import Claim
from tests.audit.world import Change, Found, World


class Break(NamedTuple):
    """What is done to the world, and the invariant that must be reported then."""

    invariant: str
    what: str
    changes: Callable[[World], Sequence[Change]]


def is_positive(value: int) -> bool:
    return value > 0


def is_negative(value: int) -> bool:
    return value < 0


def is_set(value: object) -> bool:
    return value is not None


def free_claim(world: World) -> Found:
    return world.one(Claim, state="HELD", payment_id=None)
