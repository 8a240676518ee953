"""The first tables"""

import sqlalchemy as sa
from alembic import op

from subgraphs.kit.database import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("event_id", columns.ID, nullable=False),
        sa.Column("applied_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", columns.ID, nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("relays", sa.Integer(), nullable=False),
        sa.Column("relayed_at", columns.Instant(), nullable=True),
        sa.Column("check_at", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id"),
    )
    op.create_index("ix_outbox_check_at", "outbox", ["check_at"], unique=False)
    op.create_index("ix_outbox_relayed_at", "outbox", ["relayed_at", "id"], unique=False)
    op.create_table(
        "parked_events",
        sa.Column("event_id", columns.ID, nullable=False),
        sa.Column("producer", sa.String(length=20), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("parked_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_table(
        "signing_keys",
        sa.Column("id", columns.ID, nullable=False),
        sa.Column("private_key", sa.LargeBinary(length=200), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "users",
        sa.Column("id", columns.ID, nullable=False),
        sa.Column("email", sa.LargeBinary(length=600), nullable=False),
        sa.Column("email_index", sa.BINARY(length=32), nullable=False),
        sa.Column("phone_number", sa.LargeBinary(length=200), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("roles", sa.String(length=60), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email_index"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", columns.ID, nullable=False),
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("ended_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("session_id", columns.ID, nullable=False),
        sa.Column("expires_at", columns.Instant(), nullable=False),
        sa.Column("used_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index(op.f("ix_refresh_tokens_session_id"), "refresh_tokens", ["session_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_refresh_tokens_session_id"), table_name="refresh_tokens")
    op.drop_table("refresh_tokens")
    op.drop_index(op.f("ix_sessions_user_id"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("users")
    op.drop_table("signing_keys")
    op.drop_table("parked_events")
    op.drop_index("ix_outbox_relayed_at", table_name="outbox")
    op.drop_index("ix_outbox_check_at", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("inbox")
