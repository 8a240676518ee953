"""Changes to a store's data that break each invariant."""

from tests.audit.breaks.base import Break
from tests.audit.breaks.goods import GOODS, UNITS
from tests.audit.breaks.money import MONEY, PAYMENTS
from tests.audit.breaks.work import WORK

BREAKS = (*MONEY, *PAYMENTS, *GOODS, *UNITS, *WORK)

__all__ = ["BREAKS", "Break"]
