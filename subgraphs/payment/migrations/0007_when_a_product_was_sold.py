"""A line of a payment says when it was sold, so that a product's sales are found by their day"""

import sqlalchemy as sa
from alembic import op

from subgraphs.kit.database import columns
from subgraphs.kit.database.migrations.operations import add_column, add_index

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_column("payment_lines", sa.Column("paid_at", columns.Instant(), nullable=True))
    op.execute(
        "UPDATE payment_lines SET paid_at = (SELECT payments.paid_at FROM payments WHERE payments.id = payment_id) "
        "WHERE paid_at IS NULL"
    )
    add_index("ix_payment_lines_sold", "payment_lines", ["product_id", "paid_at"])
