"""Top-ups of a provider"""

import sqlalchemy as sa
from alembic import op

from subgraphs.kit.database import columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_top_ups",
        sa.Column("id", columns.ID, primary_key=True),
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column("idempotency_key", columns.HASH, nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("session", sa.String(255), nullable=True),
        sa.Column("page_url", sa.Text(), nullable=True),
        sa.Column("payment", sa.String(255), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("credited_at", columns.Instant(), nullable=True),
        sa.Column("ask_at", columns.Instant(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False, server_default="0"),
        sa.Index("uq_provider_top_ups_key", "user_id", "idempotency_key", unique=True),
        sa.Index("ix_provider_top_ups_state", "state", "ask_at"),
        if_not_exists=True,
    )
