"""Ways to break each invariant by hand."""

from tests.audit.breaks.broken import Break
from tests.audit.breaks.goods import GOODS, UNITS
from tests.audit.breaks.money import MONEY, PAYMENTS
from tests.audit.breaks.work import WORK

BREAKS = (*MONEY, *PAYMENTS, *GOODS, *UNITS, *WORK)

__all__ = ["BREAKS", "Break"]
