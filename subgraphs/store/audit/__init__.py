"""The auditor: checks money, games and units in all six databases and Redis."""

from subgraphs.store.audit.auditor import WAIT_SECONDS, audit
from subgraphs.store.audit.invariant import Finding, When

__all__ = ["WAIT_SECONDS", "Finding", "When", "audit"]
