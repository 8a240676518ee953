"""Products are counted by category"""

from subgraphs.kit.database.migrations.operations import add_index

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_index("ix_product_categories_category", "product_categories", ["category", "product_id"])
