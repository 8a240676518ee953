"""Mails with tokens, and whether an address was verified by one"""

import sqlalchemy as sa
from alembic import op

from subgraphs.kit.database import columns
from subgraphs.kit.database.migrations.operations import add_column

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_column("users", sa.Column("email_verified_at", columns.Instant(), nullable=True))
    op.create_table(
        "mailed_tokens",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("user_id", columns.ID, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("expires_at", columns.Instant(), nullable=False),
        sa.Index("ix_mailed_tokens_user_id", "user_id"),
        if_not_exists=True,
    )
    op.create_table(
        "mails",
        sa.Column("id", columns.ID, primary_key=True),
        sa.Column("sealed", sa.LargeBinary(4000), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("send_at", columns.Instant(), nullable=False),
        sa.Column("expires_at", columns.Instant(), nullable=False),
        sa.Index("ix_mails_send_at", "send_at"),
        if_not_exists=True,
    )
