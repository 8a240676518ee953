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
        "claims",
        sa.Column("id", columns.ID, nullable=False),
        sa.Column("sale_id", columns.ID, nullable=False),
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("expires_at", columns.Instant(), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("payment_id", columns.ID, nullable=True),
        sa.Column(
            "live_key",
            sa.String(length=80)
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=80), "mariadb")
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=80), "mysql"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("live_key"),
    )
    op.create_index("ix_claims_lapse", "claims", ["state", "payment_id", "expires_at"], unique=False)
    op.create_index("ix_claims_user_id", "claims", ["user_id", "id"], unique=False)
    op.create_table(
        "flash_sales",
        sa.Column("id", columns.ID, nullable=False),
        sa.Column("product_id", columns.ID, nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.Column("starts_at", columns.Instant(), nullable=False),
        sa.Column("ends_at", columns.Instant(), nullable=False),
        sa.Column("cancelled_at", columns.Instant(), nullable=True),
        sa.Column("created_by", columns.ID, nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.CheckConstraint("remaining >= 0 AND held >= 0 AND sold >= 0", name="ck_flash_sales_units"),
        sa.CheckConstraint("units = remaining + held + sold", name="ck_flash_sales_total"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_flash_sales_ends_at", "flash_sales", ["ends_at"], unique=False)
    op.create_index("ix_flash_sales_product_id", "flash_sales", ["product_id", "ends_at"], unique=False)
    op.create_table(
        "hold_lines",
        sa.Column("payment_id", columns.ID, nullable=False),
        sa.Column("product_id", columns.ID, nullable=False),
        sa.Column("claim_id", columns.ID, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("payment_id", "product_id"),
    )
    op.create_table(
        "holds",
        sa.Column("payment_id", columns.ID, nullable=False),
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("payment_id"),
    )
    op.create_table(
        "inbox",
        sa.Column("event_id", columns.ID, nullable=False),
        sa.Column("applied_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_table(
        "limited_stocks",
        sa.Column("product_id", columns.ID, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.CheckConstraint("remaining >= 0 AND held >= 0 AND sold >= 0", name="ck_limited_stocks_units"),
        sa.CheckConstraint("total = remaining + held + sold", name="ck_limited_stocks_total"),
        sa.PrimaryKeyConstraint("product_id"),
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
        "sale_products",
        sa.Column("product_id", columns.ID, nullable=False),
        sa.PrimaryKeyConstraint("product_id"),
    )


def downgrade() -> None:
    op.drop_table("sale_products")
    op.drop_table("parked_events")
    op.drop_index("ix_outbox_relayed_at", table_name="outbox")
    op.drop_index("ix_outbox_check_at", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("limited_stocks")
    op.drop_table("inbox")
    op.drop_table("holds")
    op.drop_table("hold_lines")
    op.drop_index("ix_flash_sales_product_id", table_name="flash_sales")
    op.drop_index("ix_flash_sales_ends_at", table_name="flash_sales")
    op.drop_table("flash_sales")
    op.drop_index("ix_claims_user_id", table_name="claims")
    op.drop_index("ix_claims_lapse", table_name="claims")
    op.drop_table("claims")
