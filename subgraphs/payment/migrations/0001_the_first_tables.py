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
        "checkouts",
        sa.Column("id", columns.ID, nullable=False),
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column(
            "idempotency_key",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "request_hash",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("order_id", columns.ID, nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("started_at", columns.Instant(), nullable=False),
        sa.Column("touched_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_checkouts_step", "checkouts", ["step", "touched_at"], unique=False)
    op.create_index("ux_checkouts_key", "checkouts", ["user_id", "idempotency_key"], unique=True)
    op.create_table(
        "inbox",
        sa.Column("event_id", columns.ID, nullable=False),
        sa.Column("applied_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("balance_after", sa.Integer(), nullable=False),
        sa.Column("payment_id", columns.ID, nullable=True),
        sa.Column(
            "reference",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
    )
    op.create_index(op.f("ix_ledger_payment_id"), "ledger", ["payment_id"], unique=False)
    op.create_index("ix_ledger_user_id", "ledger", ["user_id", "id"], unique=False)
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
        "payment_lines",
        sa.Column("payment_id", columns.ID, nullable=False),
        sa.Column("product_id", columns.ID, nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("claim_id", columns.ID, nullable=True),
        sa.Column("refund_id", columns.ID, nullable=True),
        sa.PrimaryKeyConstraint("payment_id", "product_id"),
    )
    op.create_index(op.f("ix_payment_lines_refund_id"), "payment_lines", ["refund_id"], unique=False)
    op.create_table(
        "payments",
        sa.Column("id", columns.ID, nullable=False),
        sa.Column("order_id", columns.ID, nullable=False),
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("expires_at", columns.Instant(), nullable=False),
        sa.Column("paid_at", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_payments_order_id", "payments", ["order_id", "id"], unique=False)
    op.create_index("ix_payments_state", "payments", ["state", "expires_at"], unique=False)
    op.create_index("ix_payments_user_id", "payments", ["user_id", "id"], unique=False)
    op.create_table(
        "purchases",
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column("product_id", columns.ID, nullable=False),
        sa.Column("payment_id", columns.ID, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "product_id"),
    )
    op.create_table(
        "refunds",
        sa.Column("id", columns.ID, nullable=False),
        sa.Column("payment_id", columns.ID, nullable=False),
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column(
            "idempotency_key",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column(
            "request_hash",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("requested_at", columns.Instant(), nullable=False),
        sa.Column("settle_at", columns.Instant(), nullable=False),
        sa.Column("completed_at", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_refunds_payment_id", "refunds", ["payment_id"], unique=False)
    op.create_index("ix_refunds_state", "refunds", ["state", "settle_at"], unique=False)
    op.create_index("ux_refunds_key", "refunds", ["user_id", "idempotency_key"], unique=True)
    op.create_table(
        "top_ups",
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column(
            "idempotency_key",
            sa.String(length=64)
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mariadb")
            .with_variant(mysql.VARCHAR(charset="ascii", collation="ascii_bin", length=64), "mysql"),
            nullable=False,
        ),
        sa.Column("id", columns.ID, nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "idempotency_key"),
    )
    op.create_table(
        "wallets",
        sa.Column("user_id", columns.ID, nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.CheckConstraint("balance >= 0", name="ck_wallets_balance"),
        sa.PrimaryKeyConstraint("user_id"),
    )


def downgrade() -> None:
    op.drop_table("wallets")
    op.drop_table("top_ups")
    op.drop_index("ux_refunds_key", table_name="refunds")
    op.drop_index("ix_refunds_state", table_name="refunds")
    op.drop_index("ix_refunds_payment_id", table_name="refunds")
    op.drop_table("refunds")
    op.drop_table("purchases")
    op.drop_index("ix_payments_user_id", table_name="payments")
    op.drop_index("ix_payments_state", table_name="payments")
    op.drop_index("ix_payments_order_id", table_name="payments")
    op.drop_table("payments")
    op.drop_index(op.f("ix_payment_lines_refund_id"), table_name="payment_lines")
    op.drop_table("payment_lines")
    op.drop_table("parked_events")
    op.drop_index("ix_outbox_relayed_at", table_name="outbox")
    op.drop_index("ix_outbox_check_at", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("ix_ledger_user_id", table_name="ledger")
    op.drop_index(op.f("ix_ledger_payment_id"), table_name="ledger")
    op.drop_table("ledger")
    op.drop_table("inbox")
    op.drop_index("ux_checkouts_key", table_name="checkouts")
    op.drop_index("ix_checkouts_step", table_name="checkouts")
    op.drop_table("checkouts")
