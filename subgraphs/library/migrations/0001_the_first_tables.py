"""The first tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

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
        "library_games",
        sa.Column("id", columns.ID, nullable=False),
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column("product_id", columns.ID, nullable=False),
        sa.Column("payment_id", columns.ID, nullable=False),
        sa.Column("acquired_at", columns.Instant(), nullable=False),
        sa.Column("play_count", sa.Integer(), nullable=False),
        sa.Column("last_played_at", columns.Instant(), nullable=True),
        sa.Column("revoked_by", columns.ID, nullable=True),
        sa.Column(
            "live_key",
            sa.String(length=73)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=73), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=73), "mysql"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("live_key"),
        sa.UniqueConstraint("payment_id", "product_id"),
    )
    op.create_index("ix_library_games_user_id", "library_games", ["user_id", "id"], unique=False)
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
        "plays",
        sa.Column("id", columns.ID, nullable=False),
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column("product_id", columns.ID, nullable=False),
        sa.Column("game_id", columns.ID, nullable=False),
        sa.Column("played_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["game_id"],
            ["library_games.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_plays_game_id"), "plays", ["game_id"], unique=False)
    op.create_index("ix_plays_user_id", "plays", ["user_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_plays_user_id", table_name="plays")
    op.drop_index(op.f("ix_plays_game_id"), table_name="plays")
    op.drop_table("plays")
    op.drop_table("parked_events")
    op.drop_index("ix_outbox_relayed_at", table_name="outbox")
    op.drop_index("ix_outbox_check_at", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("ix_library_games_user_id", table_name="library_games")
    op.drop_table("library_games")
    op.drop_table("inbox")
