"""The cases of all mutations, in CASES."""

from tests.federation.cases import accounts, goods, shopping
from tests.federation.cases.case import CASES, Case, Cases

__all__ = ["CASES", "Case", "Cases", "accounts", "goods", "shopping"]
