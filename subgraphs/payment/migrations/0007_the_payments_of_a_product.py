"""The payments of a product are found by an index, in the order in which they were made"""

from subgraphs.kit.database.migrations.operations import add_index

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_index("ix_payment_lines_by_product", "payment_lines", ["product_id", "payment_id"])
