"""What discounts may be given."""

from dataclasses import dataclass
from datetime import datetime

from subgraphs.kit.input_check import InputCheck
from subgraphs.product.validation import discount_percent


@dataclass(frozen=True)
class Discount:
    """A discount in percent (0 ends it), and when it ends by itself."""

    percent: int
    ends_at: datetime | None = None

    def check(self, now: datetime) -> None:
        """Raises BadUserInput for a discount that cannot be given from now on."""
        with InputCheck() as check:
            check.value(discount_percent, self.percent)
            if self.ends_at is None:
                return
            check.require(self.percent != 0, "endsAt", "Only a discount of more than 0 percent can end later.")
            if self.ends_at.tzinfo is None:  # cannot be compared
                check.require(False, "endsAt", "endsAt needs an offset from UTC, such as Z.")
            else:
                check.require(now < self.ends_at, "endsAt", "endsAt must lie in the future.")
