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
        "left_payments",
        sa.Column("payment_id", columns.ID, nullable=False),
        sa.Column("left_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("payment_id"),
    )
    op.create_table(
        "orders",
        sa.Column("id", columns.ID, nullable=False),
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total_points", sa.Integer(), nullable=False),
        sa.Column("placed_at", columns.Instant(), nullable=False),
        sa.Column("payment_id", columns.ID, nullable=True),
        sa.Column("placed", sa.Boolean(), nullable=False),
        sa.Column(
            "idempotency_key",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "request_hash",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mysql"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "idempotency_key"),
    )
    op.create_index("ix_orders_user_id", "orders", ["user_id", "id"], unique=False)
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
        "wishlist_items",
        sa.Column("id", columns.ID, nullable=False),
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column("product_id", columns.ID, nullable=False),
        sa.Column("added_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "product_id"),
    )
    op.create_index("ix_wishlist_items_user_id", "wishlist_items", ["user_id", "id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("order_id", columns.ID, nullable=False),
        sa.Column("product_id", columns.ID, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("discount_percent", sa.SmallInteger(), nullable=False),
        sa.Column("claim_id", columns.ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
        ),
        sa.PrimaryKeyConstraint("order_id", "product_id"),
    )


def downgrade() -> None:
    op.drop_table("order_lines")
    op.drop_index("ix_wishlist_items_user_id", table_name="wishlist_items")
    op.drop_table("wishlist_items")
    op.drop_table("parked_events")
    op.drop_index("ix_outbox_relayed_at", table_name="outbox")
    op.drop_index("ix_outbox_check_at", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("ix_orders_user_id", table_name="orders")
    op.drop_table("orders")
    op.drop_table("left_payments")
    op.drop_table("inbox")
