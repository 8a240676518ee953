"""Limited stocks: where units are, and how they move."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from subgraphs.kit.errors import BadUserInput, InvalidState

MAX_UNITS = 1_000_000

Place = Literal["remaining", "held", "sold"]
"""Where a unit is: free, in a claim or a payment, or sold."""


class ProductState(Enum):
    """How a product is offered. A discount and a limited quantity are independent of each other."""

    REGULAR = "REGULAR"
    ON_SALE = "ON_SALE"
    LIMITED_STOCK = "LIMITED_STOCK"
    ON_SALE_LIMITED_STOCK = "ON_SALE_LIMITED_STOCK"

    @classmethod
    def of(cls, discounted: bool, limited: bool) -> "ProductState":
        if discounted:
            return cls.ON_SALE_LIMITED_STOCK if limited else cls.ON_SALE
        return cls.LIMITED_STOCK if limited else cls.REGULAR


@dataclass(frozen=True)
class Units:
    """How many units a limited stock has, and where: total = remaining + held + sold."""

    total: int
    remaining: int
    held: int
    sold: int

    def resized(self, total: int) -> "Units":
        """The same stock with another total. Raises InvalidState when more units are held or sold already."""
        taken = self.held + self.sold
        if total < taken:
            raise InvalidState(f"{taken} units are held or sold already.")
        return Units(total=total, remaining=total - taken, held=self.held, sold=self.sold)


class StockMovements:
    """Units that move from place to place, added up by the limited stock or sale that they belong to."""

    def __init__(self) -> None:
        self._changes: defaultdict[str, Counter[Place]] = defaultdict(Counter)

    def __bool__(self) -> bool:
        return any(change for changes in self._changes.values() for change in changes.values())

    def move(self, owner_id: str, source: Place, target: Place) -> None:
        """Moves one unit of a limited stock or sale."""
        self._changes[owner_id][source] -= 1
        self._changes[owner_id][target] += 1

    @property
    def changes(self) -> Mapping[str, Mapping[Place, int]]:
        """By owner: how many units each place gains, or loses where it is negative. An owner's changes sum to 0."""
        return self._changes


def checked_units(units: int, minimum: int) -> int:
    """The number of units. Raises BadUserInput if it is out of range."""
    if not minimum <= units <= MAX_UNITS:
        raise BadUserInput("units", f"units must be between {minimum} and {MAX_UNITS:,}.")
    return units
