"""The auditor: whether money, goods and units are right, proved from all six databases and Redis."""

from subgraphs.store.audit.auditor import SETTLE_SECONDS, audit
from subgraphs.store.audit.invariant import Finding, When

__all__ = ["SETTLE_SECONDS", "Finding", "When", "audit"]
