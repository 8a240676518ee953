"""Counts a sample's rows by kind and state, to detect a recipe that no longer works."""

from tests.upgrade.builder import SampleBuilder

STATES = (
    ("order", "orders", "state"),
    ("payment", "payments", "state"),
    ("payment", "checkouts", "step"),
    ("payment", "refunds", "state"),
    ("payment", "ledger", "kind"),
    ("payment", "outbox", "CASE WHEN relayed_at IS NULL THEN 'unrelayed' ELSE 'unconfirmed' END"),
    ("stock", "claims", "state"),
    ("stock", "holds", "state"),
    ("stock", "hold_lines", "state"),
    ("stock", "dead_letters", "topic"),
    ("order", "dead_letters", "topic"),
    ("library", "dead_letters", "topic"),
    ("library", "plays", "''"),
    ("order", "wishlist_items", "''"),
    ("product", "products", "''"),
)

REQUIRED = {
    *(f"orders {state}" for state in ("READY", "ORDERED", "PAID", "CANCELLED")),
    *(f"payments {state}" for state in ("READY", "PAID", "CANCELLED", "EXPIRED", "PARTIALLY_REFUNDED", "REFUNDED")),
    *(f"checkouts {step}" for step in ("PLACING", "HOLDING", "UNDOING", "DONE", "FAILED")),
    *(f"refunds {state}" for state in ("REVOKING", "IN_PROGRESS", "COMPLETED", "REFUSED")),
    *(f"ledger {kind}" for kind in ("TOP_UP", "PURCHASE", "REFUND")),
    *(f"claims {state}" for state in ("HELD", "SOLD", "RELEASED", "EXPIRED")),
    *(f"holds {state}" for state in ("HELD", "SOLD", "RELEASED")),
    *(f"hold_lines {state}" for state in ("HELD", "SOLD", "RETURNED")),
    "outbox unrelayed",
    "outbox unconfirmed",
    "dead_letters payment.paid",
}


async def inventory(builder: SampleBuilder) -> dict[str, int]:
    counts: dict[str, int] = {}
    for subgraph, table, state in STATES:
        query = f"SELECT {state}, COUNT(*) FROM {table} GROUP BY 1 ORDER BY 1"
        for value, count in await builder.sql(subgraph, query):
            kind = f"{table} {value}".strip()
            counts[kind] = counts.get(kind, 0) + count
    return counts
