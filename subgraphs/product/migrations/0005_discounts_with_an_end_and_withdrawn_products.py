"""Discounts with an end, and products that are withdrawn"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from subgraphs.kit.database import columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "discount_ends",
        sa.Column("product_id", BIG, autoincrement=False, nullable=False),
        sa.Column("ends_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("product_id"),
        sa.Index("ix_discount_ends_ends_at", "ends_at"),
        if_not_exists=True,
    )
    op.create_table(
        "withdrawn_products",
        sa.Column("product_id", BIG, autoincrement=False, nullable=False),
        sa.Column("publisher_id", columns.ID, nullable=True),
        sa.Column("withdrawn_at", columns.Instant(), nullable=False),
        sa.Column("stored_rows", sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb"), nullable=False),
        sa.PrimaryKeyConstraint("product_id"),
        sa.Index("ix_withdrawn_products_publisher_id", "publisher_id"),
        if_not_exists=True,
    )
